// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_face.h"

#include <algorithm>
#include <memory>

#include "apps/cli/sentences.h"

namespace cercle::cli::chat {
namespace {

/// So many entries are asked for at once.
constexpr std::uint32_t page_entries = 200;

void ignore_event(const client::Event& /*event*/) {}

}  // namespace

bool Face::is_kept(const client::Outcome& outcome) {
    return outcome.exit == client::Exit::Done || outcome.exit == client::Exit::Queued ||
           outcome.rule == "held";
}

Face::Face(Submit submit, Calendar calendar, Desk desk)
    : submit_(std::move(submit)),
      calendar_(std::move(calendar)),
      desk_(std::move(desk)) {}

void Face::begin() {
    submit_(
        client::Watch{},
        [this](const client::Event& event) { hear(event); },
        [this](const client::Outcome& outcome) {
            if (!ended_) ended_ = outcome;
        });
}

void Face::leave(const std::function<void()>& done) {
    // Nothing of these is promised to anybody yet.
    for (const TakenIn& file : taken_in_)
        give_back(file.typed);
    const auto left = std::make_shared<std::size_t>(1);
    const auto one_less = [left, done] {
        if (--*left == 0) done();
    };
    for (Room* room : model_.rooms()) {
        if (room->composer.text() == room->kept) continue;
        ++*left;
        keep_draft(*room, one_less);
    }
    one_less();
}

// ---- what comes up ------------------------------------------------------------------------

void Face::hear(const client::Event& event) {
    model_.take(event);
    if (const auto* notice = std::get_if<client::Notice>(&event)) note(notice->sentence);
    if (const auto* alarm = std::get_if<client::AlarmShown>(&event)) note(sentence_of(*alarm));
    if (const auto* member = std::get_if<client::Membership>(&event)) {
        Room* const room = model_.room(member->conversation);
        if (room != nullptr && room == selected_) ask_who_is_there(*room);
    }
    if (!model_.is_complete()) return;
    if (selected_ == nullptr && !model_.rooms().empty()) select(model_.rooms().front());
    // Its conversation may have begun just now.
    if (selected_ != nullptr && selected_->loading == Room::Loading::No) load(*selected_);
}

// ---- rooms --------------------------------------------------------------------------------

void Face::select(Room* room) {
    if (room == selected_) return;
    if (selected_ != nullptr) {
        keep_draft(*selected_, [] {});
        selected_->new_behind.reset();
        selected_->goes_to_new = false;
        selected_->scrolled = 0;
    }
    selected_ = room;
    chosen_.reset();
    recalled_ = 0;
    if (room == nullptr) return;
    if (room->shown.unread > 0) {
        room->new_behind = room->shown.read_to;
        room->goes_to_new = true;
    }
    load(*room);
    ask_who_is_there(*room);
}

void Face::step(int by) {
    const auto& rooms = model_.rooms();
    if (rooms.empty()) return;
    const auto at = std::ranges::find(rooms, selected_);
    const auto count = static_cast<std::ptrdiff_t>(rooms.size());
    const auto now = at == rooms.end() ? 0 : at - rooms.begin();
    select(rooms[static_cast<std::size_t>((now + by + count) % count)]);
}

void Face::step_to_unread() {
    const auto& rooms = model_.rooms();
    const auto unread = std::ranges::find_if(
        rooms, [this](const Room* room) { return room != selected_ && room->shown.unread > 0; });
    if (unread == rooms.end()) return note("nothing new elsewhere", quiet);
    select(*unread);
}

void Face::load(Room& room) {
    if (room.is_person() || room.loading != Room::Loading::No) return;
    room.loading = Room::Loading::Asked;
    client::Read command;
    command.of = room.id();
    command.limit = page_entries;
    submit_(
        command,
        [this](const client::Event& event) { model_.take(event); },
        [this, &room](const client::Outcome& outcome) {
            if (outcome.exit != client::Exit::Done) {
                room.loading = Room::Loading::No;
                return note(outcome.sentence);
            }
            room.loading = room.entries().size() < page_entries ? Room::Loading::Complete
                                                                : Room::Loading::Loaded;
        });
}

void Face::load_older(Room& room) {
    if (room.loading != Room::Loading::Loaded || room.older_asked || room.oldest() == 0) return;
    room.older_asked = true;
    client::Read command;
    command.of = room.id();
    command.limit = page_entries;
    command.before = room.oldest();
    const std::size_t before = room.entries().size();
    submit_(
        command,
        [this](const client::Event& event) { model_.take(event); },
        [&room, before](const client::Outcome& outcome) {
            room.older_asked = false;
            const bool all = room.entries().size() - before < page_entries;
            if (outcome.exit == client::Exit::Done && all) room.loading = Room::Loading::Complete;
        });
}

void Face::ask_who_is_there(Room& room) {
    if (!room.is_group() || room.is_closed()) return;
    const auto names = std::make_shared<std::vector<std::string>>();
    submit_(
        client::ListGroupMembers{room.id()},
        [names](const client::Event& event) {
            const auto* member = std::get_if<client::Membership>(&event);
            if (member != nullptr && !std::ranges::contains(*names, member->name)) {
                names->push_back(member->name);
            }
        },
        [names, &room](const client::Outcome& outcome) {
            if (outcome.exit == client::Exit::Done) room.members = *names;
        });
}

void Face::mark_read(Room& room) {
    const std::uint64_t newest = room.newest();
    if (!room.is_loaded() || newest <= std::max(room.marked, room.shown.read_to)) return;
    room.marked = newest;
    submit_(client::MarkRead{room.id(), newest}, ignore_event, [](const auto& /*outcome*/) {});
}

void Face::keep_draft(Room& room, const std::function<void()>& done) {
    if (room.composer.text() == room.kept) return done();
    room.kept = room.composer.text();
    submit_(client::KeepDraft{room.id(), room.kept},
            ignore_event,
            [done](const client::Outcome& /*outcome*/) { done(); });
}

// ---- what is typed --------------------------------------------------------------------------

Face::Typed Face::take_typed(const std::string& line) {
    Room& room = *selected_;
    Typed typed{room, line, std::exchange(room.answering, std::nullopt)};
    room.composer.set({});
    recalled_ = 0;
    return typed;
}

void Face::give_back(const Typed& typed) {
    if (!typed.room.composer.empty()) return;
    typed.room.composer.set(typed.line);
    typed.room.answering = typed.answered;
}

void Face::give_back(const Typed& typed, const client::Outcome& outcome) {
    note(outcome.sentence);
    give_back(typed);
}

void Face::send(const std::string& text) {
    const Typed typed = take_typed(text);
    client::Send command;
    command.to = typed.room.id();
    command.text = text;
    if (typed.answered) command.reply = typed.answered->id;
    typed.room.scrolled = 0;
    typed.room.new_behind.reset();
    ++sends_;
    submit_(command, ignore_event, [this, typed](const client::Outcome& outcome) {
        --sends_;
        if (!is_kept(outcome)) return give_back(typed, outcome);
        // Only now: until then the draft was the only place where it is kept.
        keep_draft(typed.room, [] {});
    });
}

void Face::run(const std::string& line) {
    const std::size_t space = line.find_first_of(" \n");
    const std::string name = line.substr(0, space);
    const std::size_t word = line.find_first_not_of(" \n", space);
    const std::string rest =
        space == std::string::npos || word == std::string::npos ? "" : line.substr(word);
    if (name == "/file") return send_file(line, rest);
    if (name == "/save") return save_file(line, rest);
    selected_->composer.set({});
    if (name == "/help") {
        help_ = true;
    } else if (name == "/quit") {
        ended_ = client::Outcome{};
    } else if (name == "/to") {
        go_to(rest);
    } else if (name == "/release") {
        release_held();
    } else {
        selected_->composer.set(line);
        note("there is no " + name +
             "; /help lists what there is, and // sends a text that begins"
             " with a /");
    }
}

void Face::go_to(const std::string& name) {
    std::vector<Room*> found;
    for (Room* room : model_.rooms()) {
        if (model_.title(*room) == name) return select(room);
        if (!name.empty() && room->shown.name.starts_with(name)) found.push_back(room);
    }
    if (found.size() == 1) return select(found.front());
    note(found.empty() ? "nobody is called that" : "more than one name begins with that");
}

void Face::release_held() {
    std::size_t released = 0;
    for (const Entry& entry : selected_->entries()) {
        const auto* message = std::get_if<client::Message>(&entry);
        if (message == nullptr || message->state != "held") continue;
        ++released;
        submit_(client::ReleaseMessage{message->id},
                ignore_event,
                [this](const client::Outcome& outcome) {
                    const bool done =
                        outcome.exit == client::Exit::Done || outcome.exit == client::Exit::Queued;
                    if (!done) note(outcome.sentence);
                });
    }
    if (released == 0) note("no message is held here");
}

}  // namespace cercle::cli::chat
