// Purpose: turns files into a C source with one constant array each and a table of them.
// Usage: embed OUTPUT TYPE PREFIX ROOT FILE...; the table is `const TYPE PREFIX_files[]`.
#include <stdio.h>
#include <string.h>

static int embed_file(FILE *out, const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return 0;
    }
    fprintf(out, "static const _Alignas(16) unsigned char file_%d[] = {", index);
    size_t count = 0;
    for (int byte = getc(in); byte != EOF; byte = getc(in), count++)
        fprintf(out, "%s%d,", count % 32 == 0 ? "\n" : "", byte);
    fprintf(out, "0};\n");
    int failed = ferror(in);
    fclose(in);
    return !failed;
}

static void write_table(FILE *out, char **argv, int argc)
{
    const char *type = argv[2], *prefix = argv[3], *root = argv[4];
    fprintf(out, "const %s %s_files[] = {\n", type, prefix);
    for (int i = 5; i < argc; i++)
        fprintf(out, "{\"%s\", (const char *)file_%d, sizeof file_%d - 1},\n",
                argv[i] + strlen(root) + 1, i - 5, i - 5);
    // C has no empty arrays; the count leaves this row out.
    fprintf(out, "{0, 0, 0}};\nconst int %s_files_count = %d;\n", prefix, argc - 5);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: embed OUTPUT TYPE PREFIX ROOT FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "#include \"render/%s_data.h\"\n", argv[3]);
    int good = 1;
    for (int i = 5; i < argc; i++)
        good = good && embed_file(out, argv[i], i - 5);
    write_table(out, argv, argc);
    good = fclose(out) == 0 && good;
    if (!good)
        remove(argv[1]);
    return good ? 0 : 1;
}
