// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/glyphs.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <utf8proc.h>

namespace cercle::cli {
namespace {

using Character = utf8proc_int32_t;

constexpr Character cannot_be_shown = 0xfffd;
constexpr Character emoji_selector = 0xfe0f;
constexpr std::string_view tab = "    ";
/// A glyph of more characters is a tower of marks that covers the lines above it. The longest
/// emoji in use have ten.
constexpr std::size_t most_characters = 16;

struct Range {
    Character first;
    Character last;
};

template <std::size_t Count>
bool among(const std::array<Range, Count>& ranges, Character character) {
    return std::ranges::any_of(ranges, [character](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

/// Embeddings, overrides and isolates: they turn around what stands behind them, on a terminal
/// all that shares the line.
constexpr std::array turning{Range{0x202a, 0x202e}, Range{0x2066, 0x2069}};
/// Without ink and without need: marks of direction, joiners and breakers of words, tags. The two
/// that scripts need, U+200C and U+200D, are not among them.
constexpr std::array without_ink{Range{0x00ad, 0x00ad},
                                 Range{0x061c, 0x061c},
                                 Range{0x180e, 0x180e},
                                 Range{0x200b, 0x200b},
                                 Range{0x200e, 0x200f},
                                 Range{0x2060, 0x2065},
                                 Range{0x206a, 0x206f},
                                 Range{0xfeff, 0xfeff},
                                 Range{0xfff0, 0xfffb},
                                 Range{0xe0000, 0xe007f}};
/// Arrows and symbols, some of which are emoji on one terminal and letters on another; the lines
/// and blocks among them are not.
constexpr std::array symbols{Range{0x2190, 0x24ff}, Range{0x25a0, 0x2e7f}};

/// Consonants of Hangul that begin a syllable; the rest of it is written into the same square.
constexpr std::array hangul_beginnings{Range{0x1100, 0x115f}, Range{0xa960, 0xa97c}};

enum class Treatment { Show, Mark, LeaveOut, EndLine };

Treatment treatment_of(Character character) {
    if (character == '\n' || character == 0x2028 || character == 0x2029) return Treatment::EndLine;
    if (character == '\t') return Treatment::Show;
    if (character == '\r') return Treatment::LeaveOut;
    if (among(turning, character)) return Treatment::Mark;
    if (among(without_ink, character)) return Treatment::LeaveOut;
    const bool no_character = (character >= 0xfdd0 && character <= 0xfdef) ||
                              (character & 0xfffe) == 0xfffe ||
                              utf8proc_category(character) == UTF8PROC_CATEGORY_CC;
    return no_character ? Treatment::Mark : Treatment::Show;
}

/// The character at the front of `text`, which moves behind it.
Character next_character(std::string_view& text) {
    Character character = -1;
    const auto read = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()),
                                       &character);
    if (read <= 0) character = cannot_be_shown;
    text.remove_prefix(read <= 0 ? 1 : static_cast<std::size_t>(read));
    return character;
}

void append(std::string& text, Character character) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto written = utf8proc_encode_char(character, bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(written));
}

int width_of(Character character) {
    // What the tables do not know yet may be an emoji of a later year.
    const bool is_new = utf8proc_category(character) == UTF8PROC_CATEGORY_CN;
    if (is_new) return character >= 0x1f000 && character <= 0x1faff ? 2 : 1;
    return utf8proc_charwidth(character);
}

/// Of the characters of one glyph.
int width_of(const std::vector<Character>& characters) {
    const Character first = characters.front();
    const bool is_one_square =
        characters.size() > 1 && (first >= 0x1f000 || among(hangul_beginnings, first) ||
                                  std::ranges::contains(characters, emoji_selector));
    if (is_one_square) return 2;
    int columns = 0;
    for (const Character character : characters)
        columns += width_of(character);
    return columns;
}

Glyph glyph_of(const std::vector<Character>& characters) {
    Glyph glyph;
    if (characters.front() == '\t') {
        glyph.text = tab;
        glyph.columns = static_cast<int>(tab.size());
        return glyph;
    }
    for (const Character character : characters)
        append(glyph.text, character);
    glyph.columns = width_of(characters);
    const bool on_nothing = glyph.columns == 0;
    if (on_nothing) {  // a mark whose letter is missing
        glyph.text.insert(0, " ");
        glyph.columns = 1;
    }
    const bool is_symbol = characters.front() >= 0x1f000 || among(symbols, characters.front());
    if (characters.size() > 1 || is_symbol || on_nothing) glyph.width = Width::Disputed;
    return glyph;
}

/// Puts glyphs together, character by character.
class Gathering {
  public:
    void take(Character character, std::size_t bytes) {
        switch (treatment_of(character)) {
            case Treatment::LeaveOut:
                // Belongs to what stands before it, so that no byte of the text is unaccounted for.
                if (characters_.empty() && !found_.empty()) {
                    found_.back().bytes += bytes;
                } else {
                    bytes_ += bytes;
                }
                return;
            case Treatment::EndLine:
                end_glyph();
                found_.push_back({"\n", 0, std::exchange(bytes_, 0) + bytes, Width::Agreed});
                return;
            case Treatment::Mark:
                character = cannot_be_shown;
                break;
            case Treatment::Show:
                break;
        }
        const bool another = !characters_.empty() &&
                             utf8proc_grapheme_break_stateful(last_, character, &state_) != 0;
        if (another) end_glyph();
        if (characters_.size() < most_characters) characters_.push_back(character);
        last_ = character;
        bytes_ += bytes;
    }

    std::vector<Glyph> finish() {
        end_glyph();
        if (bytes_ > 0) found_.push_back({"", 0, bytes_, Width::Agreed});
        return std::move(found_);
    }

  private:
    void end_glyph() {
        if (characters_.empty()) return;
        found_.push_back(glyph_of(characters_));
        found_.back().bytes = std::exchange(bytes_, 0);
        characters_.clear();
        state_ = 0;
    }

    std::vector<Glyph> found_;
    std::vector<Character> characters_;  // of the glyph that is not complete yet
    std::size_t bytes_ = 0;
    Character last_ = 0;
    utf8proc_int32_t state_ = 0;
};

}  // namespace

std::vector<Glyph> glyphs(std::string_view text) {
    Gathering gathering;
    while (!text.empty()) {
        const std::size_t before = text.size();
        const Character character = next_character(text);
        gathering.take(character, before - text.size());
    }
    return gathering.finish();
}

std::string harmless(std::string_view text) {
    std::string shown;
    for (const Glyph& glyph : glyphs(text))
        shown += glyph.text == tab ? "\t" : glyph.text;
    return shown;
}

std::string on_one_line(std::string_view text) {
    std::string shown;
    for (const Glyph& glyph : glyphs(text))
        shown += glyph.text == "\n" || glyph.text == tab ? " " : glyph.text;
    return shown;
}

bool acts_on_terminal(std::string_view character) {
    const Treatment treatment = treatment_of(next_character(character));
    return treatment == Treatment::Mark || treatment == Treatment::EndLine;
}

int columns_of(std::string_view text) {
    int columns = 0;
    for (const Glyph& glyph : glyphs(text))
        columns += glyph.columns;
    return columns;
}

}  // namespace cercle::cli
