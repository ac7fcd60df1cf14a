// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The part of the face that takes keys: writing, choosing what to answer, going through rooms.

#include <algorithm>

#include "apps/cli/chat_face.h"

namespace cercle::cli::chat {

using Kind = Key::Kind;

namespace {

/// What can be sent at once, and kept as a draft.
constexpr std::size_t longest_text = std::size_t{64} * 1024;

}  // namespace

void Face::press(const Key& key) {
    pressed_ = true;
    if (key.kind == Kind::Quit) {
        ended_ = client::Outcome{};
        return;
    }
    if (help_) {
        help_ = false;
        return;
    }
    note_ = {};
    if (key.kind == Kind::NextRoom) return step(1);
    if (key.kind == Kind::PreviousRoom) return step(-1);
    if (key.kind == Kind::NextUnread) {
        list_ = false;
        return step_to_unread();
    }
    if (list_ && narrow_) return press_in_list(key);
    if (selected_ == nullptr) {
        // Without a room there is still a way to help and out.
        if (key.kind == Kind::Escape) list_ = narrow_;
        return;
    }
    if (key.kind == Kind::PageUp) return scroll(std::max(page_rows_ - 2, 1));
    if (key.kind == Kind::PageDown) return scroll(-std::max(page_rows_ - 2, 1));
    if (chosen_) return press_choosing(key);
    press_writing(key);
}

void Face::press_in_list(const Key& key) {
    switch (key.kind) {
        case Kind::Up:
            return step(-1);
        case Kind::Down:
            return step(1);
        default:
            list_ = false;
    }
}

void Face::press_choosing(const Key& key) {
    switch (key.kind) {
        case Kind::Up:
            return choose(-1);
        case Kind::Down:
            return choose(1);
        case Kind::Enter:
        case Kind::Answer:
            return answer_chosen();
        case Kind::Escape:
            chosen_.reset();
            return;
        default:
            // A command is about what one has chosen: it is typed with the message in view.
            if (key.kind == Kind::Text && key.text.starts_with('/') &&
                selected_->composer.empty()) {
                answer_chosen();
            }
            chosen_.reset();
            press_writing(key);
    }
}

void Face::press_writing(const Key& key) {
    Composer& composer = selected_->composer;
    switch (key.kind) {
        case Kind::Enter:
            return enter();
        case Kind::Answer:
            return choose(-1);
        case Kind::Up:
            if (!composer.up(composer_columns_)) choose(-1);
            return;
        case Kind::Down:
            static_cast<void>(composer.down(composer_columns_));
            return;
        case Kind::EarlierText:
            return recall(1);
        case Kind::LaterText:
            return recall(-1);
        case Kind::Escape:
            if (selected_->answering) {
                selected_->answering.reset();
            } else {
                list_ = narrow_;
            }
            return;
        default:
            edit(key);
    }
}

void Face::edit(const Key& key) {
    Composer& composer = selected_->composer;
    switch (key.kind) {
        case Kind::Text:
            if (composer.text().size() + key.text.size() > longest_text) {
                return note("too long for one message; /file sends more");
            }
            return composer.insert(key.text);
        case Kind::NewLine:
            return composer.insert("\n");
        case Kind::Backspace:
            return composer.erase_before();
        case Kind::Delete:
            return composer.erase_behind();
        case Kind::EraseWord:
            return composer.erase_word_before();
        case Kind::EraseLine:
            return composer.erase_line_before();
        case Kind::Left:
            return composer.left();
        case Kind::Right:
            return composer.right();
        case Kind::WordLeft:
            return composer.word_left();
        case Kind::WordRight:
            return composer.word_right();
        case Kind::Home:
            return composer.line_begin();
        case Kind::End:
            return composer.line_end();
        default:
            return;
    }
}

void Face::enter() {
    if (selected_->composer.continue_line()) return;
    std::string text = selected_->composer.text();
    const std::size_t last = text.find_last_not_of(" \n\t");
    if (last == std::string::npos) return;
    // A paste often ends with a line end that nobody means.
    text.resize(std::min(text.find('\n', last), text.size()));
    if (text.starts_with("//")) return send(text.substr(1));
    if (text.starts_with('/')) return run(text);
    send(text);
}

void Face::recall(int by) {
    std::vector<std::string> texts;
    for (const Entry& entry : selected_->entries()) {
        const auto* message = std::get_if<client::Message>(&entry);
        if (message == nullptr || !model_.is_self(message->sender)) continue;
        if (!message->text.empty()) texts.push_back(message->text);
    }
    if (recalled_ == 0 && by < 0) return;
    if (by > 0 && recalled_ >= texts.size()) return;
    if (recalled_ == 0) before_recall_ = selected_->composer.text();
    recalled_ = by > 0 ? recalled_ + 1 : recalled_ - 1;
    selected_->composer.set(recalled_ == 0 ? before_recall_ : texts[texts.size() - recalled_]);
}

std::optional<std::size_t> Face::chosen_entry() const {
    if (!chosen_) return std::nullopt;
    for (std::size_t entry = selected_->entries().size(); entry-- > 0;) {
        const auto* message = selected_->message(entry);
        if (message == nullptr) continue;
        if (name_of(*message) == *chosen_) return entry;
    }
    return std::nullopt;
}

void Face::choose(int by) {
    const auto now = chosen_entry();
    auto at = static_cast<std::ptrdiff_t>(now.value_or(selected_->entries().size()));
    while (true) {
        at += by;
        if (at < 0) return load_older(*selected_);
        if (at >= static_cast<std::ptrdiff_t>(selected_->entries().size())) {
            chosen_.reset();  // below the newest is the composer
            return;
        }
        const auto* message = selected_->message(static_cast<std::size_t>(at));
        // What has no place in the log yet cannot be answered.
        if (message == nullptr || !message->seq) continue;
        chosen_ = name_of(*message);
        return;
    }
}

void Face::answer_chosen() {
    if (const auto entry = chosen_entry()) selected_->answering = *selected_->message(*entry);
    chosen_.reset();
    selected_->scrolled = 0;
}

void Face::scroll(int by) {
    if (selected_->scrolled == 0) selected_->scrolled_from = selected_->newest();
    selected_->scrolled = std::max(selected_->scrolled + by, 0);
}

}  // namespace cercle::cli::chat
