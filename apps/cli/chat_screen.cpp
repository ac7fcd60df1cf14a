// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_screen.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <format>
#include <iostream>
#include <map>
#include <utility>

#include <ftxui/component/component.hpp>
#include <ftxui/component/event.hpp>
#include <ftxui/component/loop.hpp>
#include <ftxui/component/screen_interactive.hpp>
#include <ftxui/dom/node.hpp>
#include <ftxui/screen/string.hpp>
#include <ftxui/screen/terminal.hpp>

namespace cercle::cli::chat {
namespace {

using Kind = Key::Kind;

// Bracketed paste: the terminal says where a paste begins and ends, so that its line ends are told
// from Enter.
constexpr std::string_view bracket_pastes = "\x1b[?2004h";
constexpr std::string_view do_not_bracket_pastes = "\x1b[?2004l";
/// Some terminals, resized meanwhile, leave what was drawn to whoever looks next.
constexpr std::string_view wipe = "\x1b[2J";
constexpr std::string_view paste_begins = "\x1b[200~";
constexpr std::string_view paste_ends = "\x1b[201~";

/// What terminals send for keys that are no characters.
const std::map<std::string, Kind, std::less<>>& key_kinds() {
    static const std::map<std::string, Kind, std::less<>> kinds{
        {"\n", Kind::Enter},
        {"\r", Kind::Enter},
        {"\x1b\n", Kind::NewLine},
        {"\x1b\r", Kind::NewLine},
        {"\x7f", Kind::Backspace},
        {"\b", Kind::Backspace},
        {"\x1b[3~", Kind::Delete},
        {"\x17", Kind::EraseWord},
        {"\x1b\x7f", Kind::EraseWord},
        {"\x15", Kind::EraseLine},
        {"\x1b[D", Kind::Left},
        {"\x1bOD", Kind::Left},
        {"\x1b[C", Kind::Right},
        {"\x1bOC", Kind::Right},
        {"\x1b[1;5D", Kind::WordLeft},
        {"\x1b[1;3D", Kind::WordLeft},
        {"\x1b"
         "b",
         Kind::WordLeft},
        {"\x1b[1;5C", Kind::WordRight},
        {"\x1b[1;3C", Kind::WordRight},
        {"\x1b"
         "f",
         Kind::WordRight},
        {"\x1b[A", Kind::Up},
        {"\x1bOA", Kind::Up},
        {"\x1b[B", Kind::Down},
        {"\x1bOB", Kind::Down},
        {"\x1b[1;5A", Kind::EarlierText},
        {"\x1b[1;5B", Kind::LaterText},
        {"\x1b[H", Kind::Home},
        {"\x1bOH", Kind::Home},
        {"\x1b[1~", Kind::Home},
        {"\x01", Kind::Home},
        {"\x1b[F", Kind::End},
        {"\x1bOF", Kind::End},
        {"\x1b[4~", Kind::End},
        {"\x05", Kind::End},
        {"\x1b[5~", Kind::PageUp},
        {"\x1b[6~", Kind::PageDown},
        {"\t", Kind::NextRoom},
        {"\x0e", Kind::NextUnread},
        {"\x1b[Z", Kind::PreviousRoom},
        {"\x10", Kind::PreviousRoom},
        {"\x12", Kind::Answer},
        {"\x1b", Kind::Escape},
    };
    return kinds;
}

/// Puts together what was pasted, and names the other keys.
class Keyboard {
  public:
    std::vector<Key> keys_of(const ftxui::Event& event) {
        const std::string& input = event.input();
        if (input == paste_begins) {
            pasting_ = true;
            return {};
        }
        if (input == paste_ends) {
            pasting_ = false;
            return {{Kind::Text, std::exchange(pasted_, {})}};
        }
        if (event.is_character()) return text(event.character());
        if (pasting_) {
            if (input == "\n" || input == "\r") return text("\n");
            if (input == "\t") return text("\t");
            return {};
        }
        const auto kind = key_kinds().find(input);
        if (kind != key_kinds().end()) return {{kind->second}};
        // FTXUI takes what was typed right after an Alt key or Escape for a part of it.
        if (input.size() < 2 || input.front() != '\x1b' || input[1] == '[' || input[1] == 'O') {
            return {};
        }
        const auto alt = key_kinds().find(input.substr(0, 2));
        const bool is_escape = alt == key_kinds().end();
        const std::string typed = input.substr(is_escape ? 1 : 2);
        std::vector<Key> keys{{is_escape ? Kind::Escape : alt->second}};
        const bool is_text = std::ranges::all_of(
            typed, [](char letter) { return static_cast<unsigned char>(letter) >= ' '; });
        if (is_text) keys.push_back({Kind::Text, typed});
        return keys;
    }

  private:
    std::vector<Key> text(const std::string& piece) {
        if (!pasting_) return {{Kind::Text, piece}};
        pasted_ += piece;
        return {};
    }

    bool pasting_ = false;
    std::string pasted_;
};

// ---- painting -----------------------------------------------------------------------------

/// Of 256, those that can be read on black and on white.
ftxui::Color colour_of(const Style& style) {
    constexpr int people[colours_of_people] = {33, 34, 166, 134, 37, 168};
    const auto one = [](int number) {
        return ftxui::Color(static_cast<ftxui::Color::Palette256>(number));
    };
    switch (style.colour) {
        case Colour::Plain:
            return ftxui::Color::Default;
        case Colour::Quiet:
            return one(245);
        case Colour::Accent:
            return one(32);
        case Colour::Good:
            return one(34);
        case Colour::Warning:
            return one(172);
        case Colour::Person:
            return one(people[style.person % colours_of_people]);
    }
    return ftxui::Color::Default;
}

/// Paints rows into the terminal's cells.
class Painting : public ftxui::Node {
  public:
    explicit Painting(Face& face)
        : face_(face) {}

    void ComputeRequirement() override {
        requirement_.flex_grow_x = requirement_.flex_grow_y = 1;
        requirement_.flex_shrink_x = requirement_.flex_shrink_y = 1;
    }

    void Render(ftxui::Screen& screen) override {
        using std::chrono::system_clock;
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
            system_clock::now().time_since_epoch());
        const Frame frame =
            face_.draw({screen.dimx(), screen.dimy()}, static_cast<std::uint64_t>(now.count()));
        for (std::size_t row = 0; row < frame.rows.size(); ++row)
            paint(screen, frame.rows[row], static_cast<int>(row));
        ftxui::Screen::Cursor cursor;
        cursor.shape = ftxui::Screen::Cursor::Hidden;
        if (frame.cursor) {
            cursor = {frame.cursor->column, frame.cursor->row, ftxui::Screen::Cursor::Bar};
        }
        screen.SetCursor(cursor);
    }

  private:
    static void paint(ftxui::Screen& screen, const Row& row, int y) {
        int x = 0;
        for (const Span& span : row) {
            for (const Glyph& glyph : glyphs(span.text)) {
                if (glyph.columns == 0) continue;
                if (x + glyph.columns > screen.dimx() || y >= screen.dimy()) return;
                paint(screen, glyph, span.style, x, y);
                x += glyph.columns;
            }
        }
    }

    static void paint(ftxui::Screen& screen, const Glyph& glyph, const Style& style, int x, int y) {
        for (int cell = 0; cell < glyph.columns; ++cell) {
            ftxui::Pixel& pixel = screen.PixelAt(x + cell, y);
            pixel.foreground_color = colour_of(style);
            pixel.bold = style.weight == Weight::Bold;
            pixel.inverted = style.ground == Ground::Inverted;
            pixel.character.clear();
        }
        const bool agreed = glyph.width == Width::Agreed &&
                            ftxui::string_width(glyph.text) == glyph.columns && glyph.columns <= 2;
        if (agreed) {
            screen.PixelAt(x, y).character = glyph.text;
            return;
        }
        // Terminals disagree on how far this moves the cursor: its place is blanked first, and the
        // cursor put where it belongs before and after it. The cells behind hold a move that
        // changes nothing, since an empty one would be written as a blank.
        const std::string here = std::format("\x1b[{}G", x + 1);
        const std::string behind = std::format("\x1b[{}G", x + glyph.columns + 1);
        screen.PixelAt(x, y).character =
            std::string(static_cast<std::size_t>(glyph.columns), ' ') + here + glyph.text + behind;
        for (int cell = 1; cell < glyph.columns; ++cell)
            screen.PixelAt(x + cell, y).character = behind;
    }

    Face& face_;
};

/// FTXUI ends its loop at SIGTERM; a terminal that has gone away is as good a reason.
extern "C" void end_by_hangup(int /*signal*/) {
    static_cast<void>(std::raise(SIGTERM));
}

}  // namespace

void Inbox::post(std::function<void()> call) {
    {
        const std::scoped_lock guard(mutex_);
        calls_.push_back(std::move(call));
    }
    came_.notify_one();
}

bool Inbox::make_calls() {
    std::vector<std::function<void()>> calls;
    {
        const std::scoped_lock guard(mutex_);
        calls.swap(calls_);
    }
    for (const auto& call : calls)
        call();
    return !calls.empty();
}

void Inbox::wait_and_make_calls() {
    {
        std::unique_lock guard(mutex_);
        came_.wait(guard, [this] { return !calls_.empty(); });
    }
    make_calls();
}

void show(Face& face, Inbox& inbox) {
    if (std::getenv("NO_COLOR") != nullptr) {
        ftxui::Terminal::SetColorSupport(ftxui::Terminal::Color::Palette1);
    }
    auto screen = ftxui::ScreenInteractive::Fullscreen();
    // The terminal's own marking and copying by mouse goes on.
    screen.TrackMouse(false);
    Keyboard keyboard;
    const auto painted =
        ftxui::Renderer([&face]() -> ftxui::Element { return std::make_shared<Painting>(face); });
    const auto component = ftxui::CatchEvent(painted, [&](const ftxui::Event& event) {
        for (const Key& key : keyboard.keys_of(event))
            face.press(key);
        return true;
    });
    ftxui::Loop loop(&screen, component);
    // FTXUI takes these for reasons to leave its loop, to which nobody comes back from a fault.
    for (const int fault : {SIGSEGV, SIGILL, SIGFPE, SIGABRT})
        std::signal(fault, SIG_DFL);
    std::signal(SIGHUP, end_by_hangup);
    std::cout << bracket_pastes << std::flush;
    while (!loop.HasQuitted() && !face.ended()) {
        if (inbox.make_calls()) screen.PostEvent(ftxui::Event::Custom);
        // Wakes up for each key, and 60 times a second for what is in the inbox.
        loop.RunOnceBlocking();
    }
    std::cout << do_not_bracket_pastes << wipe << std::flush;
}

}  // namespace cercle::cli::chat
