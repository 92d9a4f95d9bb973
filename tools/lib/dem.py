"""Height fields from files: raw floats, SRTM tiles, simple GeoTIFFs. Needs numpy."""
import dataclasses
import gzip
import math
import struct
import zipfile
import zlib

import numpy as np

DEGREE_M = 111320.0


class Unreadable(Exception):
    pass


@dataclasses.dataclass
class Field:
    name: str
    z: np.ndarray  # rows from north to south; NaN where nothing is known
    spacing: float  # metres from row to row
    across: float = 0.0  # from column to column; 0: the same

    @property
    def square(self):
        return self.across in (0.0, self.spacing)


def read(word):
    path = word.rsplit(":", 2)[0]
    name = path.split("/")[-1]
    try:
        if name.endswith((".hgt", ".hgt.gz", ".hgt.zip")):
            return read_hgt(path, name)
        if name.endswith((".tif", ".tiff")):
            return read_tiff(path, name)
        return read_raw(word, name)
    except (OSError, ValueError, KeyError, struct.error, zlib.error, zipfile.BadZipFile) as error:
        raise Unreadable(f"{word}: {error}") from error


def read_raw(word, name):
    if word.count(":") < 2:
        raise ValueError("wanted FILE:COLUMNS:METRES, .hgt or .tif")
    path, columns, spacing = word.rsplit(":", 2)
    columns, spacing = int(columns), float(spacing)
    heights = np.fromfile(path, "<f4").astype(float)
    if columns < 3 or spacing <= 0 or heights.size < 3 * columns or heights.size % columns:
        raise ValueError(f"holds {heights.size} heights: no rows of {columns}")
    return Field(name, heights.reshape(-1, columns), spacing)


def read_hgt(path, name):
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            data = archive.read(archive.namelist()[0])
    else:
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
            data = file.read()
    side = math.isqrt(len(data) // 2)
    if side * side * 2 != len(data) or side < 3:
        raise ValueError("not a square of 16-bit heights")
    z = np.frombuffer(data, ">i2").astype(float).reshape(side, side)
    z[z <= -32767] = np.nan
    latitude = (int(name[1:3]) + .5) * (-1 if name[0] in "Ss" else 1)
    return geographic(name, z, 1 / (side - 1), 1 / (side - 1), latitude)


def geographic(name, z, degrees_x, degrees_y, latitude):
    return Field(name, z, degrees_y * DEGREE_M, degrees_x * DEGREE_M * math.cos(math.radians(latitude)))


# -- GeoTIFF -----------------------------------------------------------------

TIFF_TYPES = {1: "B", 2: "s", 3: "H", 4: "I", 12: "d", 16: "Q"}
TAG = {"width": 256, "height": 257, "bits": 258, "compression": 259, "strips": 273, "strip_rows": 278,
       "strip_bytes": 279, "predictor": 317, "tile_width": 322, "tile_height": 323, "tiles": 324, "tile_bytes": 325,
       "format": 339, "scale": 33550, "tie": 33922, "keys": 34735, "nodata": 42113}


def tiff_tags(data):
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if not order or struct.unpack_from(order + "H", data, 2)[0] != 42:
        raise ValueError("no classic TIFF")
    at = struct.unpack_from(order + "I", data, 4)[0]
    tags = {}
    for i in range(struct.unpack_from(order + "H", data, at)[0]):
        entry = at + 2 + 12 * i
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        code = TIFF_TYPES.get(kind)
        if not code:
            continue
        code = order + (f"{count}s" if kind == 2 else f"{count}{code}")
        size = struct.calcsize(code)
        place = entry + 8 if size <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
        values = struct.unpack_from(code, data, place)
        tags[tag] = values[0] if kind == 2 else values
    return order, tags


def undo_predictor(block, predictor, kind, shape, order):
    if predictor == 3:
        rows, columns = shape
        planes = np.cumsum(np.frombuffer(block, np.uint8).reshape(rows, -1), axis=1, dtype=np.uint8)
        return planes.reshape(rows, kind.itemsize, columns).transpose(0, 2, 1).copy().view(">f4").reshape(shape)
    values = np.frombuffer(block, kind.newbyteorder(order)).reshape(shape)
    return np.cumsum(values, axis=1, dtype=kind) if predictor == 2 else values


def tiff_blocks(data, order, tags):
    def first(name, otherwise=None):
        return tags[TAG[name]][0] if otherwise is None else tags.get(TAG[name], (otherwise,))[0]
    width, height = first("width"), first("height")
    tiled = TAG["tiles"] in tags
    across, down = (first("tile_width"), first("tile_height")) if tiled else (width, first("strip_rows", height))
    kind = np.dtype({1: "u", 2: "i", 3: "f"}[first("format", 1)] + str(first("bits") // 8))
    if first("compression", 1) not in (1, 8, 32946):
        raise ValueError("this compression is not known; none or deflate")
    z = np.zeros((height, width))
    offsets, sizes = (tags[TAG["tiles"]], tags[TAG["tile_bytes"]]) if tiled else \
        (tags[TAG["strips"]], tags[TAG["strip_bytes"]])
    columns = -(-width // across)
    for i, (offset, size) in enumerate(zip(offsets, sizes)):
        row, column = i // columns * down, i % columns * across
        block = data[offset:offset + size]
        block = block if first("compression", 1) == 1 else zlib.decompress(block)
        rows = down if tiled else min(down, height - row)
        values = undo_predictor(block, first("predictor", 1), kind, (rows, across), order)
        z[row:row + rows, column:column + across] = values[:height - row, :width - column]
    return z


def read_tiff(path, name):
    with open(path, "rb") as file:
        data = file.read()
    order, tags = tiff_tags(data)
    z = tiff_blocks(data, order, tags)
    nodata = tags.get(TAG["nodata"], b"").rstrip(b"\0 ")
    if nodata and nodata != b"nan":
        z[np.isclose(z, float(nodata))] = np.nan
    z[z < -32000] = np.nan
    step_x, step_y = tags[TAG["scale"]][:2]
    keys = tags.get(TAG["keys"], ())
    model = next((keys[i + 3] for i in range(4, len(keys), 4) if keys[i] == 1024), 1)
    if model == 2:
        return geographic(name, z, step_x, step_y, tags[TAG["tie"]][4] - step_y * z.shape[0] / 2)
    return Field(name, z, step_y, step_x)


# -- resampling, pictures ----------------------------------------------------

def averaged(z, count):
    """Mean over `count` rows, which may be a fraction: a box that slides."""
    if count <= 1:
        return z
    half = count / 2
    reach = int(math.ceil(half - .5))
    total, weight = np.zeros(z.shape), 0.0
    padded = np.pad(z, ((reach, reach), (0, 0)), mode="edge")
    for k in range(-reach, reach + 1):
        part = min(1.0, half + .5 - abs(k))
        total += part * padded[reach + k:reach + k + z.shape[0]]
        weight += part
    return total / weight


def resample(field, spacing):
    across = field.across or field.spacing
    z = averaged(averaged(field.z, spacing / field.spacing).T, spacing / across).T
    rows = np.arange(0, z.shape[0] - 1, spacing / field.spacing)
    columns = np.arange(0, z.shape[1] - 1, spacing / across)
    i, j = rows.astype(int), columns.astype(int)
    u, v = (rows - i)[:, None], (columns - j)[None, :]
    north = z[np.ix_(i, j)] * (1 - v) + z[np.ix_(i, j + 1)] * v
    south = z[np.ix_(i + 1, j)] * (1 - v) + z[np.ix_(i + 1, j + 1)] * v
    return Field(field.name, north * (1 - u) + south * u, spacing)


def write_png(path, grey):
    rows, columns = grey.shape
    lines = np.hstack((np.zeros((rows, 1), np.uint8), grey)).tobytes()

    def part(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(lines)))
        file.write(part(b"IEND", b""))
