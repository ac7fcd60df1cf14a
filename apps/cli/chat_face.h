// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Face: what a person does and sees in `cercle chat`, without a terminal: keys come in, frames go
// out, and between them commands go down to the client and events come up.
//
// Nothing that a person has written is lost: what was refused comes back into the composer, and
// what was not sent is kept as a draft.

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/chat_page.h"
#include "apps/cli/chat_paths.h"

namespace cercle::cli::chat {

struct Key {
    enum class Kind : std::uint8_t {
        Text,  // may be many lines, if it was pasted
        Enter,
        NewLine,
        Backspace,
        Delete,
        EraseWord,
        EraseLine,
        Left,
        Right,
        WordLeft,
        WordRight,
        Up,
        Down,
        Home,
        End,
        EarlierText,
        LaterText,
        PageUp,
        PageDown,
        NextRoom,
        PreviousRoom,
        NextUnread,
        Answer,
        Escape,
        Quit,
    };

    Kind kind = Kind::Text;
    std::string text{};
};

struct Size {
    int columns = 80;
    int rows = 24;
};

/// One picture of the screen: so many rows of exactly so many columns.
struct Frame {
    std::vector<Row> rows;

    struct Cursor {
        int column = 0;
        int row = 0;
    };

    std::optional<Cursor> cursor;
};

class Face {
  public:
    /// As a client::Wish; a Fetch has all the time it takes. Both calls back come on the thread
    /// that uses the face.
    using Submit = std::function<void(
        client::Command, client::EventSink, std::function<void(const client::Outcome&)>)>;

    Face(Submit submit, Calendar calendar, Desk desk);

    /// Begins to watch.
    void begin();
    void press(const Key& key);
    /// What is shown counts as read, if somebody is there: who has pressed no key for a while, or
    /// none yet, may not be looking.
    [[nodiscard]] Frame draw(Size size, std::uint64_t now);

    /// How it ended: the person went, or there is nothing to watch.
    [[nodiscard]] const std::optional<client::Outcome>& ended() const { return ended_; }

    /// Whether something was sent that has not left this device, as far as one knows.
    [[nodiscard]] bool has_unsent() const { return sends_ > 0 || model_.status().queued > 0; }

    [[nodiscard]] bool is_online() const { return model_.status().online != 0; }

    /// Keeps what was written and not sent; `done` is called when the vault has it.
    void leave(const std::function<void()>& done);

  private:
    /// What was typed and left the composer: if it is refused, it comes back into it.
    struct Typed {
        Room& room;
        std::string line;
        std::optional<client::Message> answered;
    };

    /// A file that is being taken in, and what asked for it.
    struct TakenIn {
        Typed typed;
        std::string name;
        client::FileProgress progress;
    };

    // What comes up.
    void hear(const client::Event& event);

    void note(std::string sentence, Style style = warning) { note_ = {std::move(sentence), style}; }

    // Rooms.
    void select(Room* room);
    void step(int by);
    void step_to_unread();
    void load(Room& room);
    void load_older(Room& room);
    void ask_who_is_there(Room& room);
    void mark_read(Room& room);
    void keep_draft(Room& room, const std::function<void()>& done);

    // Keys.
    void press_in_list(const Key& key);
    void press_choosing(const Key& key);
    void press_writing(const Key& key);
    void edit(const Key& key);
    void enter();
    void recall(int by);
    void choose(int by);
    void answer_chosen();
    void scroll(int by);
    [[nodiscard]] std::optional<std::size_t> chosen_entry() const;

    // What is typed.
    /// Whether what was written is the client's now, whatever it waits for.
    [[nodiscard]] static bool is_kept(const client::Outcome& outcome);
    [[nodiscard]] Typed take_typed(const std::string& line);
    void give_back(const Typed& typed);
    void give_back(const Typed& typed, const client::Outcome& outcome);
    void send(const std::string& text);
    void run(const std::string& line);
    void go_to(const std::string& name);
    void release_held();

    // Files.
    void send_file(const std::string& line, const std::string& typed);
    void save_file(const std::string& line, const std::string& typed);
    void fetch(const Typed& typed,
               const client::Message& message,
               const std::string& to,
               unsigned attempt);

    // Pictures.
    [[nodiscard]] std::vector<Row> draw_list(Size size, const Viewer& viewer) const;
    [[nodiscard]] Frame draw_room(Size size, const Viewer& viewer);
    [[nodiscard]] std::vector<Row> draw_page(Room& room, Size size, const Viewer& viewer);
    [[nodiscard]] bool is_watched(const Viewer& viewer) const;
    void go_to_new(Room& room, Size size, const Viewer& viewer);
    [[nodiscard]] Row draw_title(int columns) const;
    [[nodiscard]] Row draw_status(int columns) const;

    Submit submit_;
    Calendar calendar_;
    Desk desk_;
    Model model_;
    std::optional<client::Outcome> ended_;
    Room* selected_ = nullptr;
    std::optional<MessageName> chosen_;
    Span note_;
    std::list<TakenIn> taken_in_;
    std::size_t sends_ = 0;  // that were not answered yet
    bool help_ = false;
    bool list_ = false;             // on a screen with room for one pane only, the list is that one
    bool narrow_ = false;           // as drawn last, like the next two
    bool pressed_ = false;          // since the last picture
    std::uint64_t pressed_at_ = 0;  // as the pictures know it; 0: never
    int page_rows_ = 1;
    int composer_columns_ = 1;
    std::size_t recalled_ = 0;  // how many of one's own texts back; 0: none
    std::string before_recall_;
};

}  // namespace cercle::cli::chat
