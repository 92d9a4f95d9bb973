#include "tone.glsl"

out vec4 out_colour;

// Ends every forward shader: alpha says whether there is ground.
void put(vec3 light, float ground)
{
#if TONE_IN_SHADER
    out_colour = vec4(dither(tone(light), gl_FragCoord.xy), ground);
#else
    out_colour = vec4(light, ground);
#endif
}
