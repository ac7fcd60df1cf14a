// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Composer: the text that a person is writing, with a cursor that moves by what is seen as one
// character. The first station of a message's trip, before client/compose.

#include <cstddef>
#include <string>
#include <string_view>

#include "apps/cli/chat_rows.h"

namespace cercle::cli::chat {

class Composer {
  public:
    [[nodiscard]] const std::string& text() const { return text_; }

    [[nodiscard]] bool empty() const { return text_.empty(); }

    /// The cursor goes to the end.
    void set(std::string text);
    void insert(std::string_view text);
    void erase_before();
    void erase_behind();
    void erase_word_before();
    void erase_line_before();

    void left();
    void right();
    void word_left();
    void word_right();
    void line_begin();
    void line_end();
    /// To the line above or below on a screen so wide; false if there is none.
    [[nodiscard]] bool up(int columns);
    [[nodiscard]] bool down(int columns);

    /// A backslash at the end of the cursor's line asks for another line instead of sending.
    /// Whether there was one; then it has become a line end.
    [[nodiscard]] bool continue_line();

    struct Drawn {
        std::vector<std::string> lines;
        std::size_t cursor_line = 0;
        int cursor_column = 0;
    };

    [[nodiscard]] Drawn draw(int columns) const;

  private:
    /// Byte positions at which the cursor may stand.
    [[nodiscard]] std::size_t before(std::size_t position) const;
    [[nodiscard]] std::size_t behind(std::size_t position) const;
    [[nodiscard]] bool is_space_at(std::size_t position) const;
    void erase(std::size_t from, std::size_t to);
    [[nodiscard]] bool move_by_line(int columns, int lines);

    std::string text_;
    std::size_t cursor_ = 0;  // bytes
};

}  // namespace cercle::cli::chat
