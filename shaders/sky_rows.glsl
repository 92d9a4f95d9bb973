// Rows of the small picture of the sky, from 0 at the horizon, or at the picture's lower edge where that lies higher;
// close together at first, as far clouds are flat. The sky is the same all the way below the horizon.
const float ROWS_CLOSE = 0.4; // distance of the first ones, against even ones

float rows_begin()
{
    return clamp(-ray_forward.y / max(ray_up.y, 1e-3), -1.0, 1.0);
}

float height_of_row(float row)
{
    return rows_begin() + 2.0 * row * (ROWS_CLOSE + (1.0 - ROWS_CLOSE) * row);
}

// The root of this, as below, undoes it; even over the picture.
float row_squared(float height)
{
    return ROWS_CLOSE * ROWS_CLOSE + 2.0 * (1.0 - ROWS_CLOSE) * (height - rows_begin());
}

float row_of(float squared)
{
    return (sqrt(max(squared, 0.0)) - ROWS_CLOSE) * (0.5 / (1.0 - ROWS_CLOSE));
}
