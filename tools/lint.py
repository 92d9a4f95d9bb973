#!/usr/bin/env python3
"""Checks the house rules that a compiler does not: layers, names, sizes, headers, paths in prose.

Usage: tools/lint.py [--no-compile] [ROOT]; prints FILE:LINE: what is wrong; exit 1 when anything is.
"""
import glob
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
NESTING_MAX = 3
ARGUMENTS_MAX = 6
COLUMNS_MAX = 120

# The layer table: what a folder may include besides itself. "engine" is what lies in engine/ itself.
ROWS_0_2 = {"base", "profile", "world"}
ROWS_0_4 = ROWS_0_2 | {"terrain", "mesh", "geo", "archive", "cache", "stream"}
MAY_INCLUDE = {
    "base": set(),
    "profile": {"base"},
    "world": {"base", "profile"},
    "terrain": ROWS_0_2,
    "mesh": ROWS_0_2,
    "geo": ROWS_0_2,
    "archive": ROWS_0_2,
    "cache": ROWS_0_2,
    "stream": ROWS_0_2 | {"mesh", "cache"},
    "engine": ROWS_0_4,
    "ui": ROWS_0_2,
    "soak": ROWS_0_4 | {"engine"},
    "render": ROWS_0_2 | {"ui"},
    "app": ROWS_0_4 | {"engine", "ui", "soak", "render", "app"},
}
# Single headers that a folder may include beyond its row.
MAY_INCLUDE_FILES = {
    "ui": re.compile(r"\w+/\w+_stats\.h"),
    "render": re.compile(r"(stream/(gpu_sink|gpu_stats|draw_list)|mesh/grid_mesh)\.h"),
}

# Functions of x_y.h begin with x_y_. Types, enumerators, macros and constants may begin with the first
# word alone, since a family of modules shares them (chunk_table.h: ChunkEntry, CHUNK_WANT_NONE).
# x_lanes.h is the inside of x.h, compiled once per width: its names begin with x_.
# Public names that keep to none of this, each with the reason.
NAME_EXCEPTIONS = {
    "lanes": ("TERRAIN_LANES",),  # set by the build, once per compiled width
}

# What only the seams in base may call.
SEAM_CALLS = re.compile(
    r"\b(malloc|calloc|realloc|aligned_alloc|posix_memalign|mmap|fopen|open|creat|rename|mkdir"
    r"|pthread_\w+|sem_init|sem_wait|sem_post|clock_gettime|gettimeofday|nanosleep|usleep|sleep"
    r"|rand|srand|time)\s*\(")
SEAM_EXEMPT = ("engine/base/", "engine/profile/zone.c")
# Where a variable may outlive its function and change.
GLOBALS_EXEMPT = ("engine/base/log.c", "engine/base/os_", "engine/profile/")

SYSTEM_HEADERS = set(
    "aio assert complex cpio ctype dirent dlfcn endian err errno fcntl fenv float fmtmsg fnmatch ftw "
    "getopt glob grp iconv inttypes iso646 langinfo libgen limits link locale malloc math memory "
    "monetary mqueue ndbm netdb nl_types poll pthread pty pwd regex sched search semaphore setjmp "
    "signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string "
    "strings stropts syslog tar termios tgmath threads time trace uchar ucontext ulimit unistd utime "
    "utmpx values wait wchar wctype wordexp zlib".split())

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
CARD = ("// Purpose: ", "// Owns: ", "// Threads: ", "// Fails: ")
CONTROL = {"if", "for", "while", "switch", "do", "else"}
SOURCE_FOLDERS = ("app", "engine", "shaders", "tests", "tools", ".ci")
TEXT_ENDINGS = (".c", ".h", ".cpp", ".glsl", ".vert", ".frag", ".geom", ".comp", ".py", ".sh",
                ".cmake", ".txt", ".md", ".json")


class Lint:
    def __init__(self, root):
        self.root = root
        self.problems = []
        self.texts = {}
        for path in sorted(self.find_files()):
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                self.texts[path] = file.read()

    def find_files(self):
        for folder in SOURCE_FOLDERS:
            for where, folders, names in os.walk(os.path.join(self.root, folder)):
                folders[:] = [name for name in folders if name != "__pycache__"]
                for name in names:
                    path = os.path.relpath(os.path.join(where, name), self.root)
                    if name.endswith(TEXT_ENDINGS) or "." not in name:
                        yield path
        for name in ("CMakeLists.txt", "README.md", "CMakePresets.json"):
            if os.path.exists(os.path.join(self.root, name)):
                yield name

    def say(self, path, line, text):
        self.problems.append((path, line, text))

    def sources(self, endings, folders=("app/", "engine/")):
        return [path for path in self.texts if path.endswith(endings) and path.startswith(folders)]


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def strip_comments(text):
    """Blanks comments; positions and lines stay. Strings are kept."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
    return pattern.sub(lambda m: m.group(0) if m.group(0)[0] in "\"'" else blank(m), text)


def strip_code(text):
    """Blanks comments, strings and preprocessor lines; positions and lines stay."""
    text = strip_comments(text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', lambda m: '"' + " " * (len(m.group(0)) - 2) + '"', text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def cap_words(stem):
    return "".join(word[:1].upper() + word[1:] for word in stem.split("_"))


def stem_of(path):
    return os.path.splitext(os.path.basename(path))[0]


def folder_of(path):
    """The layer that a file belongs to; None for tests and tools."""
    parts = path.split("/")
    if parts[0] == "app":
        return "app"
    if parts[0] == "engine":
        return parts[1] if len(parts) > 2 else "engine"
    return None


def check_layers(lint):
    for path in lint.sources((".c", ".h", ".cpp")):
        folder = folder_of(path)
        if folder not in MAY_INCLUDE:
            lint.say(path, 1, f"folder {folder} is not in the layer table")
            continue
        code = strip_comments(lint.texts[path])
        for match in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', code, re.M):
            check_include(lint, path, folder, match.group(1), line_of(code, match.start(1)))


def check_include(lint, path, folder, name, line):
    own = re.fullmatch(r"engine(_\w+)?\.h", name)  # of the engine folder itself
    target = name.split("/")[0] if "/" in name else ("engine" if own else "app")
    if target == folder and (folder == "app" or "/" in name or own):
        return
    if target not in MAY_INCLUDE or (target == "app" and folder != "app"):
        lint.say(path, line, f'"{name}" is not found from engine/: write "folder/file.h"')
        return
    extra = MAY_INCLUDE_FILES.get(folder)
    if target not in MAY_INCLUDE[folder] and not (extra and extra.fullmatch(name)):
        lint.say(path, line, f'{folder} may not include "{name}" (layer table)')


def check_doors(lint):
    """SDL only in app, GL only in render, the system only through base."""
    sdl = re.compile(r'#\s*include\s*[<"]SDL|\bSDL_\w+')
    gl = re.compile(r'#\s*include\s*[<"](glad|GL|GLES\d?|EGL|KHR)/|\bgl[A-Z]\w*\s*\(|\bGL_[A-Z0-9_]+\b')
    for path in lint.sources((".c", ".h", ".cpp"), ("app/", "engine/", "tests/")):
        code = strip_comments(lint.texts[path])
        bare = re.sub(r'"(?:\\.|[^"\\\n])*"(?!\s*\n\s*#)', blank, code)
        name = os.path.basename(path)
        driven = path.startswith("tests/") and name.startswith(("render_", "gl_", "app_"))
        rules = []
        if not path.startswith("app/") and not driven:
            rules.append((sdl, "SDL belongs in app/ only"))
        if not path.startswith("engine/render/") and not driven:
            rules.append((gl, "GL belongs in engine/render/ only"))
        if not path.startswith(SEAM_EXEMPT + ("tests/",)) and not name.endswith(".cpp"):
            rules.append((SEAM_CALLS, "the system is reached through the seams in base/ only"))
        for pattern, text in rules:
            for match in pattern.finditer(bare):
                if pattern is not SEAM_CALLS or bare[match.start() - 1] not in ">.":
                    lint.say(path, line_of(bare, match.start()), f"{match.group(0).strip(' (')}: {text}")


def top_level(code):
    """Yields (position, text, ends_with) of each declaration at brace depth 0; bodies are left out."""
    depth, start, text = 0, None, []
    for position, char in enumerate(code):
        if char == "{":
            depth += 1
            if depth == 1:
                text.append("{")
        elif char == "}":
            depth -= 1
            if depth == 0:
                text.append("}")
                if is_function("".join(text).split("{")[0]):
                    yield start, "".join(text), "}"
                    start, text = None, []
        elif depth == 0 and char == ";":
            if start is not None:
                yield start, "".join(text), ";"
            start, text = None, []
        elif depth == 0:
            if start is None and not char.isspace():
                start = position
            if start is not None:
                text.append(char)


def is_function(head):
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s|$)", " ", head, flags=re.S).strip()
    return head.endswith(")") and "=" not in head.split("(")[0]


def declared_name(text):
    """Name and kind of a declaration at depth 0; None where there is nothing to check."""
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s|$)", " ", text, flags=re.S)
    text = re.sub(r"\bRESULT_MUST\b", " ", text).strip()
    if text.startswith(("_Static_assert", "static_assert", "extern \"")):
        return None
    if text.startswith("typedef"):
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", text)
        match = pointer or re.search(r"(\w+)\s*\([^{}]*\)\s*$", text) or re.search(r"(\w+)\s*(\[.*\])?\s*$", text)
        return ("type", match.group(1)) if match else None
    head = text.split("{")[0]
    match = re.search(r"\b(\w+)\s*\(", head)
    if match and "=" not in head[:match.start()]:
        return ("function", match.group(1))
    match = re.match(r"(struct|union|enum)\s+(\w+)\s*$", head.strip())
    if match:
        return ("type", match.group(2))
    if re.fullmatch(r"(enum|struct|union)\s*(\{\})?", text):
        return None
    match = re.search(r"(\w+)\s*(\[.*?\])?\s*(=.*)?$", head.strip(), re.S)
    return ("variable", match.group(1)) if match and head.strip() else None


def check_names(lint):
    for path in lint.sources(".h"):
        stem = stem_of(path).removesuffix("_lanes")
        family = stem.split("_")[0]
        allowed = NAME_EXCEPTIONS.get(stem, ())
        prefixes = {"function": stem + "_", "variable": family + "_", "type": cap_words(family),
                    "macro": family.upper(), "enumerator": family.upper() + "_"}
        for position, kind, name in public_names(lint.texts[path]):
            good = name.startswith(prefixes[kind]) or (kind == "function" and name == stem)
            if not good and not name.startswith(allowed or ("\0",)):
                lint.say(path, line_of(lint.texts[path], position),
                         f"{kind} {name} does not begin with {prefixes[kind]}")


def public_names(text):
    code = strip_code(text)
    for start, declaration, _ in top_level(code):
        named = declared_name(declaration)
        if named:
            yield start, named[0], named[1]
    for match in re.finditer(r"\benum\b[^{;()]*\{(.*?)\}", code, re.S):
        for item in re.finditer(r"(?:^|,)\s*([A-Za-z_]\w*)\s*(?==|,|$)", match.group(1)):
            yield match.start(1) + item.start(1), "enumerator", item.group(1)
    comments_out = strip_comments(text)
    gone = set(re.findall(r"^\s*#\s*undef\s+(\w+)", comments_out, re.M))
    for match in re.finditer(r"^\s*#\s*define\s+(\w+)", comments_out, re.M):
        name = match.group(1)
        if name not in gone:
            # A macro that is called like a function may be named like one.
            yield match.start(1), "function" if name.islower() else "macro", name


def check_files(lint):
    stems = {}
    for path in lint.sources((".c", ".h", ".cpp"), ("app/", "engine/", "tests/", "tools/")):
        stem, folder = stem_of(path), os.path.dirname(path)
        if stems.setdefault(stem, folder) != folder:
            lint.say(path, 1, f"a file named {stem} is also in {stems[stem]}")
        if stem in SYSTEM_HEADERS and path.endswith(".h"):
            lint.say(path, 1, f"{stem}.h shadows a system header")
        lines = lint.texts[path].count("\n")
        if lines > FILE_LINES_MAX:
            lint.say(path, lines, f"{lines} lines, at most {FILE_LINES_MAX}")


def check_text(lint):
    for path, text in lint.texts.items():
        c_like = path.endswith((".c", ".h", ".cpp"))
        if text and not text.endswith("\n"):
            lint.say(path, text.count("\n") + 1, "the last line does not end")
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line or "\r" in line:
                lint.say(path, number, "tab or carriage return")
            if line != line.rstrip():
                lint.say(path, number, "space at the end of the line")
            if UNFINISHED.search(line):
                lint.say(path, number, f"unfinished: {UNFINISHED.search(line).group(0)}")
            if c_like and len(line) > COLUMNS_MAX:
                lint.say(path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")
            if c_like and re.search(r"(//|/\*)\s*[-=*#/~]{4,}", line):
                lint.say(path, number, "banner comment")


def check_cards(lint):
    for path in lint.sources(".h", ("app/", "engine/", "tests/")):
        lines = lint.texts[path].split("\n")
        for number, start in enumerate(CARD):
            if number >= len(lines) or not lines[number].startswith(start):
                lint.say(path, number + 1, f"line {number + 1} of the card must begin with '{start.strip()}'")
                break
        if "#pragma once" not in lines:
            lint.say(path, 1, "#pragma once is missing")


def functions(code):
    """Yields (name, start, end, arguments, body) of each function definition."""
    for match in re.finditer(r"\)\s*(?:__attribute__\s*\(\([^\n]*\)\)\s*)?(?:const\s*)?\{", code):
        if brace_depth(code, match.start()) != 0:
            continue
        close = match.start()
        opening = matching_back(code, close)
        head = re.search(r"(\w+)\s*$", code[:opening])
        if not head or head.group(1) in CONTROL:
            continue
        start = max(code.rfind(mark, 0, head.start()) for mark in ";}") + 1
        start += len(code[start:]) - len(code[start:].lstrip())
        end = matching(code, match.end() - 1)
        yield head.group(1), start, end, code[opening + 1:close], code[match.end():end]


def brace_depth(code, position):
    """Depth of braces, those of extern "C" left out."""
    before = re.sub(r'extern\s+"[^"]*"\s*\{', " ", code[:position])
    return max(0, before.count("{") - before.count("}"))


def matching(code, position):
    depth = 0
    for index in range(position, len(code)):
        depth += code[index] in "{("
        depth -= code[index] in "})"
        if depth == 0:
            return index
    return len(code) - 1


def matching_back(code, position):
    depth = 0
    for index in range(position, -1, -1):
        depth += code[index] == ")"
        depth -= code[index] == "("
        if depth == 0:
            return index
    return 0


def count_arguments(text):
    depth, count = 0, 1
    for char in text:
        depth += char in "(["
        depth -= char in ")]"
        count += char == "," and depth == 0
    return 0 if text.strip() in ("", "void") else count


class Nesting:
    """Walks the statements of a body; `deepest` counts control statements inside each other."""

    def __init__(self, body):
        self.tokens = re.findall(r"\w+|\S", body)
        self.deepest = 0
        self.at = 0
        while self.at < len(self.tokens):
            self.statement(0)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def skip_group(self):
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            depth += token in "({["
            depth -= token in ")}]"
            if depth == 0:
                return

    def statement(self, level):
        token = self.peek()
        if token == "{":
            self.at += 1
            while self.peek() not in ("}", ""):
                self.statement(level)
            self.at += 1
        elif token in CONTROL:
            self.control(token, level)
        else:
            self.plain(level)

    def control(self, token, level):
        self.deepest = max(self.deepest, level + 1)
        self.at += 1
        if token in ("if", "for", "while", "switch"):
            self.skip_group()
        self.statement(level if token == "else" and self.peek() == "if" else level + 1)
        if token == "do":
            while self.peek() not in (";", ""):
                self.at += 1
            self.at += 1
        if token == "if" and self.peek() == "else":
            self.control("else", level)

    def plain(self, level):
        first, start = True, self.at
        while self.at < len(self.tokens):
            token = self.peek()
            if token in (";", "}"):
                self.at += token == ";" or first
                return
            if token == "(":
                looping = self.at == start + 1 and self.tokens[start] not in ("return", "sizeof")
                self.skip_group()
                if looping and self.peek() == "{":  # a macro that loops
                    self.deepest = max(self.deepest, level + 1)
                    self.statement(level + 1)
                    return
            elif token == "{":
                self.skip_group()
            elif token == ":" and first_is_label(self.tokens, self.at):
                self.at += 1
                return
            else:
                self.at += 1
            first = False


def first_is_label(tokens, at):
    """True for the colon of `case X:`, `default:` and a goto label; false for the one of `a ? b : c`."""
    back = at - 1
    while back >= 0 and tokens[back] not in (";", "{", "}", "?", ":"):
        if tokens[back] in ("case", "default"):
            return True
        back -= 1
    return at - back == 2 and (back < 0 or tokens[back] != "?")


def check_functions(lint):
    for path in lint.sources((".c", ".h", ".cpp"), ("app/", "engine/", "tests/", "tools/")):
        code = strip_code(lint.texts[path])
        for name, start, end, arguments, body in functions(code):
            line = line_of(code, start)
            lines = line_of(code, end) - line + 1
            if lines > FUNCTION_LINES_MAX:
                lint.say(path, line, f"{name} has {lines} lines, at most {FUNCTION_LINES_MAX}")
            foreign = re.search("APIENTRY|API_PTR", code[start:end - len(body)])  # GL says what its callbacks take
            if count_arguments(arguments) > ARGUMENTS_MAX and not foreign:
                lint.say(path, line, f"{name} takes {count_arguments(arguments)} arguments, at most {ARGUMENTS_MAX}")
            deepest = Nesting(body).deepest
            if deepest > NESTING_MAX:
                lint.say(path, line, f"{name} nests {deepest} levels deep, at most {NESTING_MAX}")
            if not path.startswith(GLOBALS_EXEMPT + ("tests/",)):
                check_static(lint, path, code, start, body)
        for start, declaration, ending in top_level(code):
            named = declared_name(declaration)
            if ending == ";" and named and named[0] == "function":
                head = declaration[declaration.index(named[1]):]
                opening = head.index("(")
                count = count_arguments(head[opening + 1:matching(head, opening)])
                if count > ARGUMENTS_MAX and not declaration.startswith("typedef"):
                    lint.say(path, line_of(code, start), f"{named[1]} takes {count} arguments, at most {ARGUMENTS_MAX}")


def check_static(lint, path, code, start, body):
    for match in re.finditer(r"\bstatic\b(?!\s+const\b)(?![^;={]*\bconst\b\s*\w+\s*[\[=;])[^;]*;", body):
        line = line_of(code, code.find(body, start) + match.start())
        lint.say(path, line, "a variable that outlives its function and changes")


def check_globals(lint):
    for path in lint.sources((".c", ".cpp")):
        if path.startswith(GLOBALS_EXEMPT):
            continue
        code = strip_code(lint.texts[path])
        for start, declaration, ending in top_level(code):
            named = declared_name(declaration)
            head = declaration.split("=")[0].split("{")[0]
            if ending != ";" or not named or named[0] != "variable" or "typedef" in head:
                continue
            constant = re.search(r"\bconst\b", head) and not re.search(r"\bconst\b[^*]*\*\s*\w", head)
            pointer_constant = re.search(r"\*\s*const\b", head)
            if not constant and not pointer_constant and "sig_atomic_t" not in head and "using" not in head:
                lint.say(path, line_of(code, start), f"{named[1]} is a mutable global")


def check_prose(lint):
    """Every path that the prose names exists."""
    tops = set(SOURCE_FOLDERS) | {"assets"}
    known = {os.path.basename(path) for path in lint.texts}
    for path in ("README.md", "engine/ARCHITECTURE.md"):
        if path not in lint.texts:
            lint.say(path, 1, "is missing")
            continue
        bases = ("", "engine/", os.path.dirname(path) + "/")
        for number, line in enumerate(lint.texts[path].split("\n"), 1):
            for token in re.findall(r"(?<![\w/:.$~-])\.?[A-Za-z_][\w.*-]*(?:/[\w.*-]*)+(?![\w/])", line):
                token = token.rstrip(".")
                folder = token.split("/")[0]
                if folder in tops or folder in MAY_INCLUDE:
                    if not any(glob.glob(os.path.join(lint.root, base, token)) for base in bases):
                        lint.say(path, number, f"{token} does not exist")
            for token in re.findall(r"(?<![\w/.*-])(\w+\.(?:c|h|cpp|glsl|vert|frag|py|cmake))(?![\w/])", line):
                if token not in known:
                    lint.say(path, number, f"{token} does not exist")
            for token in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", line):
                if not os.path.exists(os.path.join(lint.root, os.path.dirname(path), token)):
                    lint.say(path, number, f"{token} does not exist")


def check_headers_compile(lint):
    flags = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Wno-unused-function",
             "-Wno-unused-const-variable", "-Werror", "-fsyntax-only", "-Iengine", "-Iapp", "-Itests"]
    known = subprocess.run(["pkg-config", "--cflags", "cglm", "sdl2", "libcjson", "cmocka"],
                           capture_output=True, text=True, check=False)
    flags += known.stdout.split()
    flags += ["-isystem" + path for path in glob.glob(os.path.join(lint.root, "build/*/glad/include"))[:1]]

    def compile_one(path):
        source = f'#include "{os.path.abspath(os.path.join(lint.root, path))}"\n'
        done = subprocess.run(["gcc", *flags, "-x", "c", "-"], input=source, cwd=lint.root,
                              capture_output=True, text=True, check=False)
        return path, done

    headers = lint.sources(".h", ("app/", "engine/", "tests/"))
    with ThreadPoolExecutor(2) as pool:
        for path, done in pool.map(compile_one, headers):
            if done.returncode != 0:
                first = next((line for line in done.stderr.split("\n") if "error" in line), done.stderr)
                lint.say(path, 1, "does not compile alone: " + first.strip())


CHECKS = (check_layers, check_doors, check_names, check_files, check_text, check_cards,
          check_functions, check_globals, check_prose)


def run(root, compile_headers=True):
    lint = Lint(root)
    for check in CHECKS:
        check(lint)
    if compile_headers:
        check_headers_compile(lint)
    return sorted(set(lint.problems))


def main(arguments):
    compile_headers = "--no-compile" not in arguments
    roots = [argument for argument in arguments if not argument.startswith("--")]
    root = roots[0] if roots else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    problems = run(os.path.normpath(root), compile_headers)
    for path, line, text in problems:
        print(f"{path}:{line}: {text}")
    print(f"lint: {len(problems)} problems" if problems else "lint: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
