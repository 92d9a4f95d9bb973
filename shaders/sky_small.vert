#include "frame.glsl"
#include "sky_rows.glsl"

out vec2 v_small; // across, -1 .. 1; row, 0 .. 1

// The rows that this frame needs, and one for the blend at the upper edge.
void main()
{
    float last = min(row_of(row_squared(1.0)) + 3.0 * target.w, 1.0);
    v_small = vec2((gl_VertexID & 1) * 2 - 1, gl_VertexID < 2 ? 0.0 : last);
    gl_Position = vec4(v_small.x, v_small.y * 2.0 - 1.0, CLIP_CONTROL == 1 ? 0.0 : -1.0, 1.0);
}
