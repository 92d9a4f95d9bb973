// The seam rule of engine/world/lod.h: odd vertices slide to their even neighbour while the height goes from the
// tile's own to the coarser level's. The same expressions for every tile, so shared edges get equal bits; no mix(),
// whose form is the compiler's choice.
// LEAN: the software tier's land, whose shadow and air are found here. BORDER: lines along the tiles' edges.
#include "frame.glsl"
#include "air.glsl"
#include "skyline.glsl"
#include "clip.glsl"
#ifdef LEAN
#include "noise.glsl"
#include "clouds.glsl"
#include "ground.glsl"
#include "shore.glsl"
#endif
#ifdef FRESH
#include "lake.glsl"
#endif

layout(location = 0) in uvec4 grid_vertex;    // x, z, skirt
layout(location = 1) in vec4 instance_place;  // origin x, origin z, spacing, base
layout(location = 2) in vec2 instance_morph;  // start, 1 / width
layout(location = 3) in uvec2 instance_tile;  // layer, level

uniform usampler2DArray heights_map;
#if defined LEAN || defined WET
uniform sampler2DArray matter_map;
#endif

out vec4 v_maps;   // texture coordinates: surface, tint
out vec3 v_ray;    // from the eye, metres
out vec2 v_place;  // metres modulo the noise period
out float v_raw_m; // height before the sea covers it
out float v_mip;   // the coarser level's maps are as fine as mip 1 of this one's: the picture morphs like the mesh
flat out vec2 v_tile; // layer, level
#if TIER > 0 && !defined(BORDER)
flat out float v_tint_per_m; // of the tint's coordinates
#endif
#if defined FRESH || defined WET
out float v_thin_m; // half the width of the narrowest river that the map can show
#endif
#if TIER < 2
out vec3 v_through; // light that the air lets through
out vec3 v_haze;    // light that it adds
#endif
#if TIER == 0
out float v_over; // how far the sun stands over the skyline
#else
out vec2 v_skyline; // the tile's coordinates, 0 .. 1
#endif
#ifdef LEAN
out vec4 v_reflect; // share of the light on white ground that reaches the eye; w: slow grain
out float v_sun;    // share of the sun that clouds let through
#ifndef RINGS
out float v_woods; // share, four times, less what makes its middle the edge
#endif
#ifdef FRESH
out vec4 v_lake; // light of fresh water; w: pixels a metre across its shore
#endif
#endif

void main()
{
    vec4 shape = level_shape[instance_tile.y];
    ivec2 g = ivec2(grid_vertex.xy);
    int stride = 1 << mode.z;
    float cell = float(stride) * instance_place.z;
    vec2 p = instance_place.xy + vec2(g) * cell;
    vec2 away = p - focus.xy;
    float d = sqrt(dot(away, away) + focus.w * focus.w);
    float m = clamp((d - instance_morph.x) * instance_morph.y, 0.0, 1.0);
    ivec2 e = g & ~1;
    // Even numbers stay whole whatever m is: the common edge of two tiles of one level is one line.
    vec2 slid = vec2(g) - vec2(g & 1) * m;
    vec2 ground = slid * cell + instance_place.xy;
    int layer = int(instance_tile.x);
    float own = float(texelFetch(heights_map, ivec3(g * stride, layer), 0).r);
    float coarse = float(texelFetch(heights_map, ivec3(e * stride, layer), 0).g);
    // Own height and step each are exact in a float, so that neighbours of one level but other bases agree too.
    v_raw_m = (instance_place.w + own * shape.x) + (coarse - own) * shape.x * m;
    // Ground that is late may not swallow the eye: it stays below a cone that hangs under it.
    vec2 aside = ground - focus.xy;
    if (focus.z > 0.0)
        v_raw_m = min(v_raw_m, eye.y - 0.5 * focus.w - 1.0 + focus.z * sqrt(dot(aside, aside)));

    vec3 ray = vec3(ground.x - eye.x, max(v_raw_m, 0.0) - eye.y, ground.y - eye.z);
    ray.y -= dot(ray.xz, ray.xz) * place.w;
    v_ray = ray;
    v_place = ground + place.xy;
    vec2 tile = slid * (float(stride) * shape.y);
    vec4 maps = level_maps[instance_tile.y];
    v_maps = vec4(tile * maps.x + maps.y, tile * maps.z + maps.w);
    v_tile = vec2(instance_tile);
#if TIER > 0 && !defined(BORDER)
    v_tint_per_m = maps.z * shape.y / instance_place.z;
#endif
    v_mip = instance_tile.y > 0u ? m : 0.0; // the maps of L0 and L1 are the same
#if defined FRESH || defined WET
    // Texels of the map at the mip that is drawn: the software tier's sampler takes the next one half way.
    float texels = 64.0 / (maps.z * float(textureSize(matter_map, 0).x)) * (TIER > 0 ? 1.0 + v_mip : min(1.0 + 2.0 * v_mip, 2.0));
    v_thin_m = THIN_RIVER * shape.w * texels;
#endif
#if TIER < 2
    float distance_m = length(ray);
    v_through = depth.w > 0.0 ? air_through(distance_m, ray.y) : vec3(1.0);
    v_haze = haze_at(ray / max(distance_m, 1.0), distance_m) * (1.0 - v_through);
#endif
#if TIER == 0
    v_over = sun_over(tile, v_tile.x, 0.0);
#else
    v_skyline = tile;
#endif
#ifdef LEAN
    float slow = vertex_grain(v_place, cell * (1.0 + m));
    v_reflect = vec4(v_through * ((1.0 + 0.3 * slow) * 0.31830989), slow);
    v_sun = cloud_shadow(ray + eye.xyz);
    vec4 matter = textureLod(matter_map, vec3(v_maps.zw, float(layer)), v_mip);
#ifdef FRESH
    vec3 towards = ray / distance_m;
    float shore_per_m = max(-towards.y, 0.05) / (distance_m * depth.z);
    v_lake = vec4(lake_light(towards, sun_share(v_over) * v_sun) * v_through, shore_per_m);
#endif
#ifndef RINGS
    v_woods = matter.b * 4.0 - 1.5;
    // Of the open ground alone: trees are half as bright.
    v_reflect.rgb *= (1.0 + 0.22 * slow) / (1.0 - 0.5 * matter.b);
#endif
#endif
    ray.y -= float(grid_vertex.z) * shape.z;
    gl_Position = to_clip(ray);
#ifdef BORDER
    // Lines lie a little nearer than the ground that they mark.
    gl_Position.z += CLIP_CONTROL == 1 ? gl_Position.z * 0.01 : gl_Position.w * 2e-4;
#endif
}
