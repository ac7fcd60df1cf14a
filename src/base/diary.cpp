// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/diary.h"

#include <cstdio>
#include <format>
#include <string>

namespace cercle {

void StderrDiary::note(Level level, Reason line, std::initializer_list<Figure> figures) {
    std::string text = level == Level::Info      ? "info: "
                       : level == Level::Warning ? "warning: "
                                                 : "fault: ";
    text += line.text;
    for (const Figure& figure : figures) {
        text += std::format(" {}={}", figure.name.text, figure.value);
    }
    text += '\n';
    // One write per line, so that lines of several threads do not mix.
    std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace cercle
