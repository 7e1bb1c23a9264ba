#include "cli/cli.h"

int main(int argc, char **argv)
{
    return od_cli_main(argc, argv);
}
