#include "frame.glsl"

out vec2 v_ndc;

// One triangle over the whole picture, at the far end of the depth range.
void main()
{
    v_ndc = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    gl_Position = vec4(v_ndc, CLIP_CONTROL == 1 ? 0.0 : -1.0, 1.0);
}
