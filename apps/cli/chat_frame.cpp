// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The part of the face that draws:
//
//     circle           | room · who is there
//     -----------------+---------------------------
//     a room         2 |          Today
//       what was said  | Alice  09:12
//     another          |   what she said
//                      |---------------------------
//                      | > what one writes
//     online                              /help  ...
//
// On less than narrow_columns the left half is left out, or is all there is.

#include <algorithm>
#include <format>
#include <utility>

#include "apps/cli/chat_face.h"
#include "apps/cli/progress.h"

namespace cercle::cli::chat {
namespace {

constexpr int narrow_columns = 60;
constexpr int least_columns = 20;
constexpr int least_rows = 6;
constexpr int prompt_columns = 2;

Row line(int columns, std::string_view begin = "") {
    std::string drawn(begin);
    for (int column = begin.empty() ? 0 : 1; column < columns; ++column)
        drawn += "─";
    return {{std::move(drawn), quiet}};
}

Row joined(Row left, const Row& between, const Row& right) {
    left.insert(left.end(), between.begin(), between.end());
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// Short enough for the narrowest and lowest screen that people use, 50 x 20.
std::vector<Row> help_rows() {
    constexpr std::pair<const char*, const char*> lines[] = {
        {"Enter", "send"},
        {"Alt-Enter", "new line (or \\ and Enter)"},
        {"Tab, Shift-Tab", "next room, room before"},
        {"Ctrl-N", "room with something new"},
        {"Up, Down", "choose a message to answer"},
        {"PgUp, PgDn", "scroll"},
        {"Ctrl-Up", "what you wrote here before"},
        {"Ctrl-W, Ctrl-U", "erase a word, a line"},
        {"Esc", "back; if narrow, to the list"},
        {"/to NAME", "go to a person or a group"},
        {"/file PATH", "send a file"},
        {"/save [PATH]", "keep the newest or chosen file"},
        {"/release", "let held messages go"},
        {"//...", "a text that begins with a /"},
        {"/quit, Ctrl-C", "end; unsent text is kept"},
    };
    std::vector<Row> rows;
    for (const auto& [key, meaning] : lines)
        rows.push_back({{std::format("{:<16}", key), accent}, {meaning, {}}});
    rows.push_back({});
    rows.push_back({{"any key goes back", quiet}});
    return rows;
}

std::string preview_of(const Room& room, const Model& model) {
    if (!room.shown.last) return room.is_closed() ? "closed" : "nothing said yet";
    const client::LastSaid& last = *room.shown.last;
    const std::string text = gist(last.text, last.file);
    if (model.is_self(last.sender)) return "You: " + text;
    return room.is_group() ? on_one_line(last.sender_name) + ": " + text : text;
}

/// Hours today, days before.
std::string brief_time(std::uint64_t at, const Viewer& viewer) {
    const Moment then = viewer.calendar(at);
    const Moment now = viewer.calendar(viewer.now);
    const bool today = then.year == now.year && then.month == now.month && then.day == now.day;
    return today ? std::format("{:02}:{:02}", then.hour, then.minute)
                 : std::format("{:02}/{:02}", then.day, then.month);
}

std::vector<Row> list_entry(const Room& room, const Viewer& viewer, int columns, bool is_selected) {
    const std::uint64_t unread = room.shown.unread;
    const Style name = unread > 0 ? bold : room.is_closed() ? quiet : Style{};
    const Row title{{" " + viewer.model.title(room), name}};
    std::vector<Row> rows;
    if (room.is_person()) {
        rows.push_back(at_both_ends(title, {{on_one_line(room.role) + " ", quiet}}, columns));
    } else {
        Row right;
        if (unread > 0) {
            right.push_back(
                {std::format(" {}", unread), {.colour = Colour::Accent, .weight = Weight::Bold}});
        }
        right.push_back({" ", {}});
        if (room.shown.last) {
            // The name counts more.
            const Span time{" " + brief_time(room.shown.last->at, viewer), quiet};
            const int used = columns_of(title) + cli::columns_of(time.text) + columns_of(right);
            if (used <= columns) right.insert(right.begin(), time);
        }
        rows.push_back(at_both_ends(title, right, columns));
        const bool draft = !is_selected && !room.composer.empty();
        const Row below =
            draft ? Row{{"  draft: ", accent}, {on_one_line(room.composer.text()), quiet}}
                  : Row{{"  " + preview_of(room, viewer.model), quiet}};
        rows.push_back(fitted(below, columns));
    }
    if (is_selected) {
        for (Row& row : rows)
            row = inverted(std::move(row));
    }
    return rows;
}

}  // namespace

std::vector<Row> Face::draw_list(Size size, const Viewer& viewer) const {
    std::vector<Row> rows;
    std::size_t selected_end = 0;
    bool people = false;
    for (const Room* room : model_.rooms()) {
        if (room->is_person() && !people) {
            people = true;
            if (!rows.empty()) rows.push_back(fitted({}, size.columns));
            rows.push_back(fitted({{" People", {.colour = Colour::Quiet, .weight = Weight::Bold}}},
                                  size.columns));
        }
        for (Row& row : list_entry(*room, viewer, size.columns, room == selected_))
            rows.push_back(std::move(row));
        if (room == selected_) selected_end = rows.size();
    }
    const auto height = static_cast<std::size_t>(std::max(size.rows, 0));
    // The selected one is always to be seen.
    if (selected_end > height) {
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(selected_end - height));
    }
    rows.resize(height, fitted({}, size.columns));
    return rows;
}

Row Face::draw_title(int columns) const {
    if (selected_ == nullptr) return fitted({{" ", {}}}, columns);
    const Room& room = *selected_;
    Row title{{" " + model_.title(room), bold}};
    std::string about = room.role;
    if (room.is_group()) {
        about.clear();
        for (const std::string& name : room.members)
            about += (about.empty() ? "" : ", ") + name;
    }
    if (room.is_closed()) about = "you are no longer in it";
    if (!about.empty()) title.push_back({"  " + on_one_line(about), quiet});
    Row right;
    const std::uint64_t elsewhere = model_.unread_beside(selected_);
    if (narrow_ && elsewhere > 0)
        right.push_back({std::format(" {} elsewhere ", elsewhere), accent});
    return at_both_ends(title, right, columns);
}

Row Face::draw_status(int columns) const {
    Row left{{" ", {}}};
    if (!model_.is_complete()) {
        left.push_back({"opening", quiet});
    } else if (model_.status().online != 0) {
        left.push_back({"online", {.colour = Colour::Good}});
    } else {
        left.push_back({"offline", warning});
        if (model_.status().queued == 0) left.push_back({"  what you write is kept", quiet});
    }
    if (model_.status().queued > 0) {
        left.push_back({std::format("  {} waiting", model_.status().queued), accent});
    }
    for (const auto& [act, word] : {std::pair(client::FileProgress::Act::Sending, "sending"),
                                    std::pair(client::FileProgress::Act::Receiving, "receiving")}) {
        const auto progress = model_.under_way(act);
        if (!progress || model_.status().online == 0) continue;
        left.push_back({std::format("  {} {}", word, percent_text(*progress)), accent});
    }
    const bool in_list = narrow_ && list_;
    const auto chosen = chosen_entry();
    const bool on_file = chosen && selected_->message(*chosen)->attachment;
    const bool news = model_.unread_beside(selected_) > 0;
    std::string hints =
        on_file   ? "Enter answers  /save keeps the file  Esc "
        : chosen  ? "Up, Down  Enter answers  Esc "
        : in_list ? "Up, Down  Enter opens "
        : narrow_ ? (news ? "/help  Ctrl-N unread  Esc list " : "/help  Tab next  Esc list ")
        : news    ? "/help  Ctrl-N unread  Up answers  Ctrl-C ends "
                  : "/help  Tab next room  Up answers  Ctrl-C ends ";
    if (cli::columns_of(hints) + columns_of(left) > columns) hints = "/help ";
    return at_both_ends(left, {{hints, quiet}}, columns);
}

Frame Face::draw_room(Size size, const Viewer& viewer) {
    Frame frame;
    if (selected_ == nullptr) {
        frame.rows.resize(static_cast<std::size_t>(size.rows), fitted({}, size.columns));
        if (model_.is_complete()) {
            frame.rows[0] = centred({{"nobody is here yet but you", quiet}}, size.columns);
        }
        return frame;
    }
    Room& room = *selected_;
    std::vector<Row> below{line(size.columns)};
    for (const TakenIn& file : taken_in_) {
        if (&file.typed.room != &room) continue;
        below.push_back(at_both_ends({{" reading ", quiet}, {file.name, accent}},
                                     {{"  " + percent_text(file.progress) + " ", quiet}},
                                     size.columns));
    }
    for (const std::string& part : wrapped(note_.text, size.columns - prompt_columns)) {
        if (!part.empty()) below.push_back({{" " + part, note_.style}});
    }
    if (room.answering) {
        below.push_back({{" answering ", quiet},
                         {on_one_line(room.answering->sender_name), accent},
                         {": " + gist(*room.answering), quiet}});
    }
    composer_columns_ = std::max(size.columns - prompt_columns - 1, 1);
    const auto drawn = room.composer.draw(composer_columns_);
    // A long text shows the lines around the cursor.
    const std::size_t most = static_cast<std::size_t>(std::max(size.rows / 3, 1));
    const std::size_t first = drawn.cursor_line >= most ? drawn.cursor_line - most + 1 : 0;
    for (std::size_t at = first; at < std::min(drawn.lines.size(), first + most); ++at) {
        if (at == drawn.cursor_line) {
            frame.cursor = {prompt_columns + std::min(drawn.cursor_column, composer_columns_),
                            static_cast<int>(below.size())};
        }
        const bool more_above = at == first && first > 0;
        const bool more_below = at + 1 == first + most && at + 1 < drawn.lines.size();
        const char* const prompt = more_above ? "↑ " : more_below ? "↓ " : at == 0 ? "> " : "  ";
        below.push_back({{prompt, accent}, {drawn.lines[at], {}}});
    }
    if (room.composer.empty()) {
        const std::string hint = room.is_closed() ? "you can read here, and not write"
                                                  : "write to " + model_.title(room);
        below.back() = {{"> ", accent}, {hint, quiet}};
    }
    const int page_rows = std::max(size.rows - static_cast<int>(below.size()), 1);
    frame.rows = draw_page(room, {size.columns, page_rows}, viewer);
    if (frame.cursor) frame.cursor->row += page_rows;
    for (const Row& row : below)
        frame.rows.push_back(fitted(row, size.columns));
    // On a very low screen the end counts.
    while (frame.rows.size() > static_cast<std::size_t>(size.rows)) {
        frame.rows.erase(frame.rows.begin());
        if (frame.cursor) --frame.cursor->row;
    }
    if (chosen_) frame.cursor.reset();
    return frame;
}

Frame Face::draw(Size size, std::uint64_t now) {
    const Viewer viewer{model_, calendar_, now};
    if (std::exchange(pressed_, false)) pressed_at_ = now;
    Frame frame;
    if (size.columns < least_columns || size.rows < least_rows) {
        frame.rows.resize(static_cast<std::size_t>(std::max(size.rows, 1)),
                          fitted({}, size.columns));
        frame.rows[0] = fitted({{"too small", quiet}}, size.columns);
        return frame;
    }
    narrow_ = size.columns < narrow_columns;
    const int list_columns = narrow_ ? 0 : std::clamp(size.columns * 3 / 10, 20, 36);
    const int right_columns = narrow_ ? size.columns : size.columns - list_columns - 1;
    const int body_rows = size.rows - 3;  // without title, line and status
    Frame right;
    if (help_) {
        for (const Row& row : help_rows())
            right.rows.push_back(
                fitted(row.empty() ? row : joined({{" ", {}}}, {}, row), right_columns));
        right.rows.resize(static_cast<std::size_t>(body_rows), fitted({}, right_columns));
    } else if (narrow_ && list_) {
        right.rows = draw_list({right_columns, body_rows}, viewer);
    } else {
        right = draw_room({right_columns, body_rows}, viewer);
    }
    const Row circle{{" " + on_one_line(model_.status().circle_name), bold}};
    const bool only_list = narrow_ && list_ && !help_;
    if (narrow_) {
        frame.rows.push_back(only_list ? fitted(circle, size.columns) : draw_title(size.columns));
        frame.rows.push_back(line(size.columns));
    } else {
        const Row between{{"│", quiet}};
        frame.rows.push_back(
            joined(fitted(circle, list_columns), between, draw_title(right_columns)));
        frame.rows.push_back(joined(line(list_columns), {{"┼", quiet}}, line(right_columns)));
    }
    const auto list = draw_list({list_columns, body_rows}, viewer);
    for (int row = 0; row < body_rows; ++row) {
        const auto at = static_cast<std::size_t>(row);
        const bool crosses = text_of(right.rows[at]).starts_with("──");
        frame.rows.push_back(
            narrow_ ? right.rows[at]
                    : joined(list[at], {{crosses ? "├" : "│", quiet}}, right.rows[at]));
    }
    frame.rows.push_back(draw_status(size.columns));
    if (right.cursor) {
        frame.cursor = {right.cursor->column + (narrow_ ? 0 : list_columns + 1),
                        right.cursor->row + 2};
    }
    return frame;
}

}  // namespace cercle::cli::chat
