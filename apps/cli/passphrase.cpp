// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/passphrase.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace cercle::cli {
namespace {

constexpr std::size_t longest = 1024;

/// Reads one line, byte by byte into locked memory.
std::optional<Secret> read_line(int file) {
    Secret line(longest);
    std::size_t length = 0;
    while (length < longest) {
        const ssize_t got = read(file, line.expose().data() + length, 1);
        if (got != 1 || line.reveal()[length] == '\n') break;
        ++length;
    }
    if (length > 0 && line.reveal()[length - 1] == '\r') --length;
    if (length == 0 || length == longest) return std::nullopt;
    return Secret::copy_of(line.reveal().first(length));
}

}  // namespace

std::optional<Secret> passphrase_from_file(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    auto line = read_line(file);
    close(file);
    return line;
}

std::optional<Secret> passphrase_from_terminal(std::string_view question) {
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) return std::nullopt;
    termios before{};
    if (tcgetattr(terminal, &before) != 0) {
        close(terminal);
        return std::nullopt;
    }
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    static_cast<void>(tcsetattr(terminal, TCSAFLUSH, &silent));
    static_cast<void>(!write(terminal, question.data(), question.size()));
    auto line = read_line(terminal);
    static_cast<void>(tcsetattr(terminal, TCSAFLUSH, &before));
    static_cast<void>(!write(terminal, "\n", 1));
    close(terminal);
    return line;
}

}  // namespace cercle::cli
