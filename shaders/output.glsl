#include "tone.glsl"

out vec4 out_colour;

// Ends every forward shader: alpha says whether there is ground.
void put(vec3 light, float ground)
{
#if TONE_IN_SHADER && TIER == 0
    out_colour = vec4(tone_cheap(light), ground);
#elif TONE_IN_SHADER
    out_colour = vec4(dither(tone(light), gl_FragCoord.xy), ground);
#else
    out_colour = vec4(light, ground);
#endif
}

// The same for smooth things, where 8 bits would show bands at every tier.
void put_smooth(vec3 light, float ground)
{
#if TONE_IN_SHADER && TIER == 0
    out_colour = vec4(dither(tone_cheap(light), gl_FragCoord.xy), ground);
#else
    put(light, ground);
#endif
}
