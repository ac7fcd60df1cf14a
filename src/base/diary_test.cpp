// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/diary.h"

#include <concepts>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/id.h"

namespace cercle {
namespace {

// What this file exists for: user data cannot be written, because it does not compile. (That a
// Reason's constructor is consteval keeps out even a variable `const char*`; no concept can say
// so, since such an error is none of substitution.)
template <class T>
concept CanBeALine = requires(Diary& diary, T value) { diary.info(value); };
template <class T>
concept CanBeAFigure = requires(T value) { Figure{"entries", value}; };

static_assert(CanBeALine<Reason>);
static_assert(!CanBeALine<std::string>);
static_assert(!CanBeALine<std::string_view>);
static_assert(!CanBeALine<Bytes>);
static_assert(!CanBeALine<Id<struct MemberTag>>);
static_assert(!std::constructible_from<Reason, std::string>);
static_assert(!CanBeAFigure<std::string>);
static_assert(!CanBeAFigure<Id<struct MemberTag>>);
static_assert(!CanBeAFigure<Bytes>);

class RecordingDiary final : public Diary {
  public:
    void note(Level level, Reason line, std::initializer_list<Figure> figures) override {
        levels.push_back(level);
        lines.emplace_back(line.text);
        count += figures.size();
    }

    std::vector<Level> levels;
    std::vector<std::string> lines;
    std::size_t count = 0;
};

}  // namespace

TEST_CASE("a diary takes literals, figures under literal names, and the reason of an error") {
    RecordingDiary diary;
    diary.info("started", {{"port", 443}, {"members", 12}});
    diary.warn("slow");
    diary.fault(fail(Code::disk_full, "no room").error());
    CHECK(diary.lines == std::vector<std::string>{"started", "slow", "no room"});
    CHECK(diary.levels ==
          std::vector{Diary::Level::Info, Diary::Level::Warning, Diary::Level::Fault});
    CHECK(diary.count == 2);
}

}  // namespace cercle
