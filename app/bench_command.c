// `arete bench`: placeholder until written
#include "command.h"
int command_bench(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
