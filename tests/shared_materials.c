#include "shared_materials.h"

#include "terrain/material_set.h"
#include <assert.h>

static MaterialSet *materials;

static bool keep(void *object)
{
    (void)object;
    return true;
}

MaterialSource shared_materials(void)
{
    if (!materials && material_set_create(&(MaterialSetDesc){0}, &materials) != RESULT_OK)
        assert(false && "no memory for the materials");
    MaterialSource source = material_set_source(materials);
    source.try_release = keep;
    return source;
}
