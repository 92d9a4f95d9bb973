// From a place about the eye to the picture.
vec4 to_clip(vec3 p)
{
    vec4 clip = view_projection * vec4(p, 1.0);
#if CLIP_CONTROL == 0
    // Logarithmic depth, far end at -1: without clip control a reversed depth has no precision to gain. Behind the
    // near plane it goes on linearly, so that a triangle through the eye's plane is cut in the right place.
    clip.z = (1.0 - depth.x * log2(1.0 + max(clip.w, 1.0 / depth.y) * depth.y)) * clip.w;
#endif
    return clip;
}
