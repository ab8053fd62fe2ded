// candela-ofx-host: an OpenFX host for tests. `candela-ofx-host PROFILE` reads commands from standard input, one a
// line, and answers each with a line of JSON on standard output; what the plugin prints goes to standard error.
// It ends with 3 where the plugin left the specification while it was closed.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "session.hpp"

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: candela-ofx-host PROFILE, one of");
        for (const std::string& name : host::profile_names()) std::fprintf(stderr, " %s", name.c_str());
        std::fprintf(stderr, "\n");
        return 2;
    }
    std::FILE* answers = fdopen(dup(STDOUT_FILENO), "w");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    int status = 0;
    try {
        host::Session session(host::profile_of(arguments[1]));
        for (std::string line; !session.over() && std::getline(std::cin, line);) {
            if (line.empty()) continue;
            std::fprintf(answers, "%s\n", session.answer(line).c_str());
            std::fflush(answers);
        }
        if (!session.finish()) status = 3;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 2;
    }
    std::fclose(answers);
    return status;
}
