#include "ui/hud.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TURN_RAD 6.283185307179586

const char *hud_compass(double heading_rad)
{
    static const char *const points[16] = {"N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
                                           "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"};
    double turns = heading_rad / TURN_RAD;
    if (!isfinite(turns)) {
        return "?";
    }
    return points[(int)lrint((turns - floor(turns)) * 16.0) % 16];
}

__attribute__((format(printf, 4, 5))) static void add(Hud *hud, const char *label, UiTone tone,
                                                      const char *format, ...)
{
    assert(hud->line_count < HUD_LINES_MAX);
    HudLine *line = &hud->lines[hud->line_count++];
    line->label = label;
    line->tone = tone;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
}

static int heading_deg(double heading_rad)
{
    double turns = heading_rad / TURN_RAD;
    return (int)lrint((turns - floor(turns)) * 360.0) % 360;
}

void hud_build(const HudInput *input, Hud *out)
{
    assert(input != NULL && out != NULL);
    *out = (Hud){0};
    double speed_m_s = input->speed_m_s;
    add(out, "speed", UI_TONE_PLAIN, "%.*f m/s  %.0f km/h", speed_m_s < 100.0 ? 1 : 0, speed_m_s,
        speed_m_s * 3.6);
    add(out, "above ground", input->agl_m < 20.0 ? UI_TONE_WARN : UI_TONE_PLAIN, "%.0f m%s",
        input->agl_m, input->follow_ground ? "  held" : "");
    add(out, "above sea", UI_TONE_PLAIN, "%.0f m", input->position_m[1]);
    add(out, "heading", UI_TONE_PLAIN, "%03d\u00b0 %s", heading_deg(input->heading_rad),
        hud_compass(input->heading_rad));
    add(out, "east, south", UI_TONE_PLAIN, "%.0f m, %.0f m", input->position_m[0],
        input->position_m[2]);
    add(out, "world", UI_TONE_PLAIN, "%s", input->world != NULL ? input->world : "");
    // Of what there may be: a cap below 60 is no fault.
    double most = input->fps_cap > 0.0 && input->fps_cap < 60.0 ? input->fps_cap : 60.0;
    UiTone tone = input->fps >= most * (55.0 / 60.0) ? UI_TONE_GOOD
                  : input->fps >= most * 0.5         ? UI_TONE_WARN
                                                     : UI_TONE_BAD;
    add(out, "frames", tone, "%.0f /s", input->fps);
    if (input->time_scale == 0.0) {
        add(out, "time", UI_TONE_WARN, "paused");
    } else if (input->time_scale != 1.0) {
        add(out, "time", UI_TONE_WARN, "%.3g x", input->time_scale);
    }
    snprintf(out->message, sizeof out->message, "%s", input->message != NULL ? input->message : "");
    snprintf(out->attribution, sizeof out->attribution, "%s",
             input->attribution != NULL ? input->attribution : "");
    if (input->show_help) {
        out->keys = input->keys;
        out->key_count = input->key_count;
    }
}
