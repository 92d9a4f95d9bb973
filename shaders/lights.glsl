// Sun, moon and stars.
const float MOON_SIZE = 1.7; // against the sun: as it looks to the eye, which pictures make too small

float disc_at(float cosine, float edge)
{
    return clamp((cosine - 1.0 + edge) / (edge * 0.35) + 0.5, 0.0, 1.0);
}

// A ball that the sun lights: what is dark hides nothing, as the air before it shines.
vec3 moon_at(vec3 ray)
{
    vec3 towards = moon_direction.xyz;
    float cosine = dot(ray, towards), edge = (1.0 - sun_direction.w) * MOON_SIZE * MOON_SIZE;
    vec3 side = (ray - towards * cosine) * inversesqrt(2.0 * edge);
    float front = sqrt(max(1.0 - dot(side, side), 0.0));
    vec3 normal = side - towards * front;
    vec3 sun = vec3(sun_heading.xy * sqrt(1.0 - sun_heading.z * sun_heading.z), sun_heading.z).xzy;
    float lit = smoothstep(-0.05, 0.25, dot(normal, sun));
    float maria = 0.86 + 0.3 * noise_value(side.xy * 2.3 + 7.0, 63);
    float halo = 0.015 * pow(max(cosine, 0.0), 700.0);
    return vec3(1.0, 0.97, 0.90) * (moon_direction.w * step(0.0, ray.y) * (disc_at(cosine, edge) * lit * maria + halo));
}

// One star at most in each cell of a grid on the faces of a cube; most are faint. They go round with the sun, about the
// zenith.
float stars_at(vec3 ray)
{
    ray.xz = vec2(dot(ray.xz, sun_heading.xy), dot(ray.xz, vec2(-sun_heading.y, sun_heading.x)));
    const float CELLS = 61.0; // a radian
    vec3 size = abs(ray);
    float most = max(size.x, max(size.y, size.z));
    int face = size.x == most ? 0 : size.y == most ? 1 : 2;
    vec2 flat_at = atan((face == 0 ? ray.yz : face == 1 ? ray.xz : ray.xy) / most) * CELLS;
    bool back = (face == 0 ? ray.x : face == 1 ? ray.y : ray.z) < 0.0;
    ivec2 cell = ivec2(floor(flat_at));
    uint h = lattice(uint(cell.x + 1024 * face), uint(cell.y + (back ? 512 : 0)));
    h *= 0x297A2D39u;
    h ^= h >> 15;
    vec2 star = vec2(float(h & 1023u), float((h >> 10) & 1023u)) * (0.7 / 1023.0) + 0.15;
    float rank = float(h >> 20) / 4095.0;
    float light = 0.008 / (1.005 - rank); // twice as bright, half as many
    // About a pixel, whatever the picture's size; soft, so that all places between pixels give nearly as much light.
    vec2 away = (flat_at - vec2(cell) - star) / (CELLS * length(dFdx(ray)));
    float near = max(1.0 - 0.6 * dot(away, away), 0.0);
    return light * near * near;
}

// What they add along a unit ray.
vec3 lights_at(vec3 ray)
{
    vec3 light = vec3(0.0);
    if (sun_heading.w > 0.0)
        light += vec3(0.9, 0.95, 1.0) * (sun_heading.w * stars_at(ray) * clamp(ray.y * 5.0, 0.0, 1.0));
    if (sun_heading.z > -0.02) {
        float cosine = dot(ray, sun_direction.xyz);
        float disc = 20.0 * disc_at(cosine, 1.0 - sun_direction.w);
        light += sun_light.rgb * ((disc + 0.5 * exp2((cosine - 1.0) * 1800.0)) * step(0.0, ray.y));
    }
    if (moon_direction.w > 0.0)
        light += moon_at(ray);
    return light;
}
