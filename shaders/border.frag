#include "frame.glsl"
#include "output.glsl"

flat in vec2 v_tile;

void main()
{
    put(v_tile.y < 3.0 ? vec3(0.9, 0.55, 0.05) : vec3(0.1, 0.45, 0.9), 1.0);
}
