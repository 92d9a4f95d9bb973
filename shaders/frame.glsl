// The numbers of a frame; the same rows as FrameBlock in engine/render/frame_block.h.
layout(std140) uniform Frame {
    mat4 view_projection;
    vec4 ray_right, ray_up, ray_forward;
    vec4 eye;           // anchor-relative
    vec4 focus;         // xy: where levels are measured from (x, z); z: slope of the cone that late ground stays under, 0: off;
                        // w: its height above ground
    vec4 sun_direction; // of the light that shines: by night the moon's; w: cosine of a disc's radius
    vec4 sun_heading;   // of the sun at all times; xy: unit azimuth (x, z); z: sine of the elevation; w: stars
    vec4 moon_direction; // w: light of its disc
    vec4 sun_light;
    vec4 sky_light;
    vec4 bounce_light;  // w: metres of near air that a low sun does not reach
    vec4 rayleigh, mie, mist; // extinction at eye height; w: 1 / scale height
    vec4 cloud_place;   // heaps, veils: texture coordinate of the anchor
    vec4 cloud_shape;   // rank at which heaps and veils begin; z: what far heaps hide together; w: there are clouds
    vec4 cloud_shear;   // metres that light goes sideways from the heaps, for each metre down;
                        // z: 1 / range of ranks within heaps
    vec4 cloud_light[2]; // of a layer in full sun or moonlight; w: its height above the sea
    vec4 cloud_dark;    // of heaps in shade
    vec4 place;         // xy: anchor modulo the noise period; z: view end; w: 1 / (2 earth radii)
    vec4 depth;         // x: log scale; y: 1 / near; z: angle of a pixel; w: haze on
    vec4 target;        // width, height, 1 / width, 1 / height
    vec4 waves[WAVES];
    vec4 skyline_east, skyline_west; // shares of the eight directions in the light's, as sines
    vec4 level_shape[LOD_COUNT]; // quantum, 1 / quads, skirt depth, metres of the shore's scale
    vec4 level_maps[LOD_COUNT];  // surface scale and offset, tint scale and offset
    ivec4 mode;         // view mode, probe, mesh bias, frame number
};
