// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Diary: what a program writes for its operator. It cannot hold user data, by construction:
// a line is a literal, figures under literal names, and an error's code and literal reason.
// There is no way to pass it a std::string, an id or an address.

#include <cstdint>
#include <initializer_list>

#include "base/result.h"

namespace cercle {

/// A number under a literal name: Figure{"entries", 12}.
struct Figure {
    Reason name;
    std::int64_t value;
};

class Diary {
  public:
    enum class Level : std::uint8_t { Info, Warning, Fault };

    Diary() = default;
    Diary(const Diary&) = delete;
    Diary& operator=(const Diary&) = delete;
    virtual ~Diary() = default;

    virtual void note(Level level, Reason line, std::initializer_list<Figure> figures) = 0;

    void info(Reason line, std::initializer_list<Figure> figures = {}) {
        note(Level::Info, line, figures);
    }

    void warn(Reason line, std::initializer_list<Figure> figures = {}) {
        note(Level::Warning, line, figures);
    }

    void fault(const Error& error) { note(Level::Fault, error.reason, {}); }
};

/// One line each on standard error.
class StderrDiary final : public Diary {
  public:
    void note(Level level, Reason line, std::initializer_list<Figure> figures) override;
};

/// Keeps nothing. For tests and for short-lived commands.
class SilentDiary final : public Diary {
  public:
    void note(Level /*level*/,
              Reason /*line*/,
              std::initializer_list<Figure> /*figures*/) override {}
};

}  // namespace cercle
