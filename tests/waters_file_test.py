#!/usr/bin/env python3
"""Rivers and lakes as `arete heights --layer waters` writes them: held against the format and against the ground.

Usage: tests/waters_file_test.py BINARY
"""
import json
import os
import struct
import sys
import unittest

import cli_test


SPACING_M = 16
SIDE_M = 512 * SPACING_M
# Corners of rectangles of seed 42, in mountains and in plains.
PLACES_M = ((0, 0), (-134144, 14336), (-3072, 243712), (-69632, 129024))


class Waters(cli_test.Cli):
    def heights(self, place_m, name, *more, env=None):
        # What lies within the same samples.
        bounds = "--bounds=%d,%d,%d,%d" % (place_m[0] + 3, place_m[1] + 5, place_m[0] + SIDE_M - 7, place_m[1] + SIDE_M - 1)
        if name.endswith(".raw"):
            bounds = "--bounds=%d,%d,%d,%d" % (*place_m, place_m[0] + SIDE_M, place_m[1] + SIDE_M)
        done = self.run_arete("heights", "seed:42", "--spacing", str(SPACING_M), bounds, *more, "-o", name, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def waters(self, place_m, name="a.geojson", env=None):
        said = self.heights(place_m, name, "--layer", "waters", env=env)
        found = json.loads(cli_test.read(self.path(name)))
        kinds = [feature["properties"]["kind"] for feature in found["features"]]
        self.assertIn("%d rivers and %d lakes" % (kinds.count("river"), kinds.count("lake")), said)
        self.assertEqual((found["type"], found["source"]["world"]), ("FeatureCollection", "seed:42"))
        self.assertEqual(found["source"]["bounds_m"], [place_m[0], -place_m[1] - SIDE_M, place_m[0] + SIDE_M, -place_m[1]])
        return found["features"]

    def river_falls(self, feature):
        """Steps of a river within water that shows: none of them leads up."""
        own, places = feature["properties"], feature["geometry"]["coordinates"]
        self.assertEqual(feature["geometry"]["type"], "LineString")
        self.assertGreater(len({tuple(place[:2]) for place in places}), 1)
        self.assertEqual((len(places), len(places)), (len(own["width_m"]), len(own["shore_m"])))
        self.assertIn(own["order"], range(1, 6))
        self.assertEqual(own["width_m"], sorted(own["width_m"]))
        self.assertGreater(own["width_m"][0], 0)
        wet = [i for i in range(1, len(places)) if min(own["shore_m"][i - 1:i + 1]) > 0]
        for i in wet:
            self.assertLessEqual(places[i][2], places[i - 1][2] + 0.05)
        return len(wet)

    def lake_is_a_ring(self, feature):
        self.assertEqual(feature["geometry"]["type"], "Polygon")
        ring, = feature["geometry"]["coordinates"]
        self.assertGreater(len(ring), 10)
        self.assertEqual(ring[0], ring[-1])
        turn = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))
        self.assertGreater(turn, 0)
        self.assertEqual({place[2] for place in ring}, {feature["properties"]["level_m"]})

    def off_m(self, ground, place_m, position):
        """How far a level lies from the ground's height there; None on the last samples."""
        u, v = (position[0] - place_m[0]) / SPACING_M, (-position[1] - place_m[1]) / SPACING_M
        self.assertTrue(0 <= u <= 512 and 0 <= v <= 512)
        i, j = int(u), int(v)
        if max(i, j) > 510:
            return None
        north, south = ([ground[row * 512 + i + k] for k in (0, 1)] for row in (j, j + 1))
        north, south = (pair[0] + (pair[1] - pair[0]) * (u - i) for pair in (north, south))
        return abs(north + (south - north) * (v - j) - position[2])

    def test_waters_are_lines_that_lie_on_the_ground(self):
        wet, lakes, off_m, wet_off_m = 0, 0, [], []
        for place_m in PLACES_M:
            self.heights(place_m, "a.raw")
            ground = struct.unpack("<%df" % (512 * 512), cli_test.read_bytes(self.path("a.raw")))
            for feature in self.waters(place_m):
                places = feature["geometry"]["coordinates"]
                if feature["properties"]["kind"] == "lake":
                    self.lake_is_a_ring(feature)
                    places = places[0]
                    lakes += 1
                else:
                    wet += self.river_falls(feature)
                    wet_off_m += [self.off_m(ground, place_m, position) or 0
                                  for position, shore_m in zip(places, feature["properties"]["shore_m"]) if shore_m > 0]
                off_m += [self.off_m(ground, place_m, position) for position in places]
        off_m = sorted(off for off in off_m if off is not None)
        self.assertGreater(wet, 200)
        self.assertGreater(lakes, 3)
        self.assertLess(off_m[len(off_m) * 9 // 10], 0.2)
        self.assertLess(max(wet_off_m), 0.3) # the bank of a mouth

    def test_waters_lead_down_and_are_the_same_everywhere(self):
        features = self.waters(PLACES_M[1])
        down = {feature["id"]: feature["properties"]["down"] for feature in features}
        self.assertEqual(len(down), len(features))
        for start in down:
            steps = 0
            while start is not None:
                start, steps = down[start], steps + 1
                self.assertLessEqual(steps, len(down))
        self.waters(PLACES_M[1], "b.geojson", env={"LC_ALL": "de_DE.UTF-8"})
        self.assertEqual(cli_test.read_bytes(self.path("a.geojson")), cli_test.read_bytes(self.path("b.geojson")))


if __name__ == "__main__":
    cli_test.BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
