// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The part of the face that sends files and saves them.

#include "apps/cli/chat_face.h"

namespace cercle::cli::chat {
namespace {

/// Names of files that are taken already are passed over, but not for ever.
constexpr unsigned most_attempts = 99;

Bytes bytes_of(const std::filesystem::path& path) {
    return to_bytes(std::string_view(path.native()));
}

}  // namespace

void Face::send_file(const std::string& line, const std::string& typed_words) {
    const std::size_t end = std::min(typed_words.find('\n'), typed_words.size());
    const auto path = typed_path(typed_words.substr(0, end), desk_);
    if (path.empty()) return note("say which file: /file PATH");
    const Typed typed = take_typed(line);
    client::Send command;
    command.to = typed.room.id();
    command.text = typed_words.substr(std::min(end + 1, typed_words.size()));
    command.file = bytes_of(path);
    if (typed.answered) command.reply = typed.answered->id;
    typed.room.scrolled = 0;
    typed.room.new_behind.reset();
    const auto file = taken_in_.insert(
        taken_in_.end(), {typed, on_one_line(path.filename().native()), client::FileProgress{}});
    submit_(
        command,
        [file](const client::Event& event) {
            const auto* progress = std::get_if<client::FileProgress>(&event);
            if (progress != nullptr) file->progress = *progress;
        },
        [this, file](const client::Outcome& outcome) {
            const Typed of = file->typed;
            taken_in_.erase(file);
            if (!is_kept(outcome)) return give_back(of, outcome);
            keep_draft(of.room, [] {});
        });
}

void Face::save_file(const std::string& line, const std::string& typed_words) {
    const auto& answering = selected_->answering;
    const auto* newest = selected_->newest_file(model_.status().member);
    if (answering && !answering->attachment) {
        return note("that message carries no file; choose one that does with Up");
    }
    if (!answering && newest == nullptr) return note("there is no file to save here");
    const client::Message message = answering ? *answering : *newest;
    const Transfer* transfer = model_.transfer(message);
    const bool receiving = transfer != nullptr && transfer->progress &&
                           transfer->progress->act == client::FileProgress::Act::Receiving;
    if (receiving) return note("this file is being received already");
    fetch(take_typed(line), message, typed_words, 1);
}

void Face::fetch(const Typed& typed,
                 const client::Message& message,
                 const std::string& to,
                 unsigned attempt) {
    const auto path = path_to_save(to, message.attachment->name, attempt, desk_);
    model_.set_transfer(
        message,
        {client::FileProgress{
             client::FileProgress::Act::Receiving, 0, message.attachment->size, message.id},
         {}});
    submit_(
        client::Fetch{message.id, bytes_of(path), message.conversation, message.sender_device},
        [this, message](const client::Event& event) {
            const auto* progress = std::get_if<client::FileProgress>(&event);
            if (progress != nullptr) model_.set_transfer(message, {*progress, {}});
        },
        [this, typed, message, to, path, attempt](const client::Outcome& outcome) {
            const bool taken = outcome.rule == "already-exists" && keeps_name(to, desk_);
            if (taken && attempt < most_attempts) return fetch(typed, message, to, attempt + 1);
            if (outcome.exit != client::Exit::Done) {
                model_.set_transfer(message, {});
                return give_back(typed, outcome);
            }
            const std::string where = shown_path(path, desk_);
            model_.set_transfer(message, {std::nullopt, where});
            keep_draft(typed.room, [] {});
            if (&typed.room != selected_) note("saved as " + where, {.colour = Colour::Good});
        });
}

}  // namespace cercle::cli::chat
