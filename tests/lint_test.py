"""Each rule of tools/lint.py is broken once, alone, and must be named at its file and line."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import lint  # noqa: E402

CARD = "// Purpose: p.\n// Owns: o.\n// Threads: t.\n// Fails: f.\n#pragma once\n"


class LintTest(unittest.TestCase):
    def problems(self, files, compile_headers=False):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {"README.md": "a\n", "engine/ARCHITECTURE.md": "a\n", **files}.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return [f"{path}:{line}: {text}" for path, line, text in lint.run(root, compile_headers)]

    def assert_clean(self, files, **options):
        self.assertEqual(self.problems(files, **options), [])

    def assert_says(self, files, start, part, **options):
        found = self.problems(files, **options)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(start) and part in found[0], found)

    def test_clean_tree_is_clean(self):
        self.assert_clean({
            "engine/base/pool.h": CARD + "#include <stdint.h>\n#define POOL_MAX 4\n"
            "typedef enum PoolKind { POOL_A, POOL_B } PoolKind;\n"
            "typedef struct Pool {\n    int a;\n} Pool;\ntypedef void PoolRun(void *object);\n"
            "int pool_size(const Pool *pool) __attribute__((pure));\n"
            "static inline int pool_two(void)\n{\n    return 2;\n}\n",
            "engine/base/pool.c": '#include "base/pool.h"\n\nstatic const int sizes[2] = {1, 2};\n\n'
            "int pool_size(const Pool *pool)\n{\n    return pool->a + sizes[0];\n}\n"})

    def test_lower_row_may_not_include_higher(self):
        self.assert_says({"engine/base/a.c": '#include "world/view.h"\n'}, "engine/base/a.c:1", "layer")

    def test_siblings_may_not_include_each_other(self):
        self.assert_says({"engine/mesh/a.c": '\n#include "cache/b.h"\n'}, "engine/mesh/a.c:2", "layer")

    def test_ui_reads_stats_headers_only(self):
        self.assert_clean({"engine/ui/a.c": '#include "stream/frame_stats.h"\n'})
        self.assert_says({"engine/ui/a.c": '#include "stream/planner.h"\n'}, "engine/ui/a.c:1", "layer")

    def test_render_sees_sink_and_draw_list_of_stream(self):
        self.assert_clean({"engine/render/a.c": '#include "stream/gpu_sink.h"\n#include "stream/draw_list.h"\n'})
        self.assert_says({"engine/render/a.c": '#include "stream/loader.h"\n'}, "engine/render/a.c:1", "layer")

    def test_core_never_includes_app(self):
        self.assert_says({"engine/soak/a.c": '#include "input.h"\n'}, "engine/soak/a.c:1", "input.h")
        self.assert_clean({"app/a.c": '#include "input.h"\n#include "engine.h"\n'})

    def test_sdl_stays_in_app(self):
        self.assert_says({"engine/ui/a.c": "#include <SDL.h>\n"}, "engine/ui/a.c:1", "SDL")
        self.assert_clean({"app/a.c": "#include <SDL.h>\n"})

    def test_gl_stays_in_render(self):
        self.assert_says({"app/a.c": "void f(void)\n{\n    glClear(0);\n}\n"}, "app/a.c:3", "GL")
        self.assert_clean({"app/a.c": "// glClear(0) is not called here\n"})

    def test_system_is_reached_through_base(self):
        self.assert_says({"engine/mesh/a.c": "void *f(void)\n{\n    return malloc(1);\n}\n"},
                         "engine/mesh/a.c:3", "seams")
        self.assert_clean({"engine/mesh/a.c": "int f(A *a)\n{\n    return a->open(1);\n}\n"})

    def test_names_begin_with_the_stem(self):
        for text in ("int other(void);", "typedef struct Other Other;", "#define OTHER 1",
                     "enum PoolKind { OTHER_A };", "extern const int other;"):
            self.assert_says({"engine/base/pool.h": CARD + text + "\n"}, "engine/base/pool.h:6", "begin with")

    def test_family_may_share_types_not_functions(self):
        self.assert_clean({"engine/stream/chunk_table.h": CARD + "typedef struct ChunkEntry ChunkEntry;\n"})
        self.assert_says({"engine/stream/chunk_table.h": CARD + "int chunk_find(void);\n"},
                         "engine/stream/chunk_table.h:6", "chunk_table_")

    def test_file_names_are_unique(self):
        self.assert_says({"engine/mesh/pool.c": "\n", "engine/base/pool.c": "\n"}, "engine/mesh/pool.c:1", "also in")

    def test_no_header_shadows_the_systems(self):
        self.assert_says({"engine/base/time.h": CARD}, "engine/base/time.h:1", "shadows")

    def test_long_file_is_refused(self):
        self.assert_clean({"engine/base/a.c": "\n" * 600})
        self.assert_says({"engine/base/a.c": "\n" * 601}, "engine/base/a.c:601", "601 lines")

    def test_long_function_is_refused(self):
        body = "int f(void)\n{\n" + "    g();\n" * 67 + "}\n"
        self.assert_clean({"engine/base/a.c": body})
        self.assert_says({"engine/base/a.c": body.replace("{\n", "{\n    g();\n")}, "engine/base/a.c:1", "71 lines")

    def test_deep_nesting_is_refused(self):
        three = "void f(void)\n{\n    for (;;) {\n        if (a)\n            while (b)\n                %s\n    }\n}\n"
        self.assert_clean({"engine/base/a.c": three % "g = (T){1};"})
        self.assert_says({"engine/base/a.c": three % "if (c) g();"}, "engine/base/a.c:1", "4 levels")

    def test_else_if_chain_does_not_nest(self):
        chain = "if (a) {\n} " + "else if (b) {\n} " * 6
        self.assert_clean({"engine/base/a.c": "void f(void)\n{\n" + chain + "else\n    g();\n}\n"})

    def test_switch_labels_do_not_hide_what_follows(self):
        text = "void f(void)\n{\n    switch (a) {\n    case 1:\n        for (;;)\n            if (b)\n" \
               "                if (c)\n                    g();\n        break;\n    }\n}\n"
        self.assert_says({"engine/base/a.c": text}, "engine/base/a.c:1", "4 levels")

    def test_seventh_argument_is_refused(self):
        six = "int a, int b, int c, int d, int e, int (*f)(int, int)"
        self.assert_clean({"engine/base/a.h": CARD + f"int a_b({six});\n"})
        self.assert_says({"engine/base/a.h": CARD + f"int a_b({six}, int g);\n"}, "engine/base/a.h:6", "7 arguments")
        self.assert_says({"engine/base/a.c": f"int a_b({six}, int g)\n{{\n}}\n"}, "engine/base/a.c:1", "7 arguments")

    def test_mutable_globals_are_refused(self):
        self.assert_says({"engine/mesh/a.c": "static int count;\n"}, "engine/mesh/a.c:1", "mutable")
        self.assert_says({"engine/mesh/a.c": "static const char *name = 0;\n"}, "engine/mesh/a.c:1", "mutable")
        self.assert_says({"engine/mesh/a.c": "void f(void)\n{\n    static int n = 0;\n}\n"},
                         "engine/mesh/a.c:3", "outlives")
        self.assert_clean({"engine/mesh/a.c": "static const char *const names[] = {0};\nstatic const T t = {1};\n"
                           "void f(void)\n{\n    static const int n = 0;\n    static const char *const s[] = {0};\n}\n",
                           "engine/base/log.c": "static int level;\n",
                           "engine/mesh/b.c": "enum { SIDE = 4 };\n\nvoid g(void)\n{\n}\n"})

    def test_card_is_required(self):
        self.assert_says({"engine/base/a.h": CARD.replace("Owns", "Has")}, "engine/base/a.h:2", "Owns")
        self.assert_says({"engine/base/a.h": CARD.replace("#pragma once", "")}, "engine/base/a.h:1", "pragma")

    def test_text_rules(self):
        for text, part in (("\t// a\n", "tab"), ("// a \n", "space"), ("// a", "does not end"),
                           ("// TO" + "DO later\n", "unfinished"), ("// ======\n", "banner"),
                           ("// " + "x" * 120 + "\n", "columns")):
            self.assert_says({"engine/base/a.h": CARD + text}, "engine/base/a.h:6", part)

    def test_prose_names_only_what_exists(self):
        self.assert_clean({"README.md": "See `engine/ARCHITECTURE.md`, engine/base and [map](engine/ARCHITECTURE.md).\n",
                           "engine/base/a.c": "\n"})
        self.assert_says({"README.md": "a\nrun `tools/nothing`\n"}, "README.md:2", "tools/nothing")
        self.assert_says({"engine/ARCHITECTURE.md": "base/gone.c\n"}, "engine/ARCHITECTURE.md:1", "base/gone.c")
        self.assert_says({"README.md": "`gone.h`\n"}, "README.md:1", "gone.h")

    def test_headers_compile_alone(self):
        self.assert_clean({"engine/base/a.h": CARD + "#include <stdint.h>\nuint8_t a_b(void);\n"}, compile_headers=True)
        self.assert_says({"engine/base/a.h": CARD + "uint8_t a_b(void);\n"}, "engine/base/a.h:1", "alone",
                         compile_headers=True)


if __name__ == "__main__":
    unittest.main()
