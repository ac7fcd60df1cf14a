// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/folding.h"

#include <algorithm>
#include <utility>

#include "apps/cli/glyphs.h"

namespace cercle::cli {
namespace {

constexpr int mark_columns = static_cast<int>(said_before.size());
/// In less than that nothing can be read anyway.
constexpr int fewest_columns = 20;

/// Some terminals show each character of a glyph for itself.
int most_columns(const Glyph& glyph) {
    if (glyph.width == Width::Agreed) return glyph.columns;
    const auto characters = std::ranges::count_if(
        glyph.text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; });
    return std::max(glyph.columns, static_cast<int>(2 * characters));
}

/// One paragraph on its way to lines.
class Folding {
  public:
    explicit Folding(std::optional<int> columns)
        : columns_(columns.transform([](int wide) { return std::max(wide, fewest_columns); })) {}

    void take(const Glyph& glyph) {
        if (glyph.text == "\n") return begin_line(lines_.size());
        const int wide = most_columns(glyph);
        if (columns_ && column_ + wide > *columns_) fold();
        lines_ += glyph.text;
        column_ += wide;
        if (glyph.text == " ") {
            behind_blank_ = lines_.size();
            column_behind_blank_ = column_;
        }
    }

    [[nodiscard]] std::string lines() && { return std::move(lines_); }

  private:
    void begin_line(std::size_t at) {
        lines_.insert(at, "\n" + std::string(said_before));
        column_ = mark_columns;
        behind_blank_ = 0;
    }

    void fold() {
        if (behind_blank_ == 0) return begin_line(lines_.size());
        const int carried = column_ - column_behind_blank_;
        begin_line(behind_blank_);
        column_ += carried;
    }

    std::optional<int> columns_;
    std::string lines_;
    int column_ = 0;
    std::size_t behind_blank_ = 0;  // of this line; 0: there is none
    int column_behind_blank_ = 0;
};

}  // namespace

std::string folded(std::string_view line, std::optional<int> columns) {
    Folding folding(columns);
    for (const Glyph& glyph : glyphs(line))
        folding.take(glyph);
    return std::move(folding).lines();
}

}  // namespace cercle::cli
