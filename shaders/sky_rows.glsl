// Rows of the small picture of the sky: 0 at the horizon, or at the picture's lower edge where that lies higher, 1 at
// its upper edge; close together near the horizon, where clouds are flat. The sky is the same all the way below.
const float ROWS_CLOSE = 0.4; // distance at the horizon, against even ones

float rows_begin()
{
    return clamp(-ray_forward.y / max(ray_up.y, 1e-3), -1.0, 0.9);
}

float height_of_row(float row)
{
    float begin = rows_begin();
    return begin + (1.0 - begin) * row * (ROWS_CLOSE + (1.0 - ROWS_CLOSE) * row);
}

// The root of this, as below, undoes it; even over the picture.
float row_squared(float height)
{
    float begin = rows_begin();
    return ROWS_CLOSE * ROWS_CLOSE + 4.0 * (1.0 - ROWS_CLOSE) * (height - begin) / (1.0 - begin);
}

float row_of(float squared)
{
    return (sqrt(max(squared, 0.0)) - ROWS_CLOSE) * (0.5 / (1.0 - ROWS_CLOSE));
}
