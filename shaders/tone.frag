#include "frame.glsl"
#include "tone.glsl"

uniform sampler2D scene_map;

out vec4 out_colour;

void main()
{
    vec4 scene = texelFetch(scene_map, ivec2(gl_FragCoord.xy), 0);
    out_colour = vec4(dither(tone(scene.rgb), gl_FragCoord.xy), scene.a);
}
