// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cercle::cli::chat {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

/// Conversations in which one can talk come first, then closed ones, then people.
int rank(const Room& room) {
    return room.is_person() ? 2 : room.is_closed() ? 1 : 0;
}

}  // namespace

void Model::take(const client::Event& event) {
    std::visit(
        Overloaded{[this](const client::Status& status) { status_ = status; },
                   [this](const client::Contact& contact) { take(contact); },
                   [this](const client::ConversationShown& conversation) { take(conversation); },
                   [this](const client::Draft& draft) { take(draft); },
                   [this](const client::Reached& /*place*/) { complete_ = true; },
                   [this](const client::Message& message) { take(message); },
                   [this](const client::FileProgress& progress) { take(progress); },
                   [this](const client::Membership& member) {
                       Room* const there = room(member.conversation);
                       if (there == nullptr || !member.seq) return;
                       // Two people are together from the beginning.
                       const bool begins = !there->is_group() && member.action == "added";
                       if (!begins) there->take(member);
                   },
                   [this](const client::Gap& gap) {
                       Room* const there = room(gap.conversation);
                       if (there != nullptr) there->take(gap);
                   },
                   [](const auto& /*of no interest*/) {}},
        event);
}

void Model::take(const client::Contact& contact) {
    people_.insert_or_assign(contact.member, contact);
    bool known = false;
    for (const auto& there : rooms_) {
        if (there->shown.peer != contact.member) continue;
        there->role = contact.role;
        if (there->is_person()) there->shown.name = contact.name;
        known = known || !there->is_closed();
    }
    if (!known) {
        Room& added = add_room();
        added.shown.kind = "direct";
        added.shown.name = contact.name;
        added.shown.peer = contact.member;
        added.role = contact.role;
    }
    put_in_order();
}

void Model::take(const client::ConversationShown& conversation) {
    Room* there = room(conversation.conversation);
    const auto with_peer = std::ranges::find_if(rooms_, [&](const auto& one) {
        return one->is_person() && one->shown.peer == conversation.peer;
    });
    const bool begins = there == nullptr && conversation.state != "closed" &&
                        !conversation.peer.empty() && with_peer != rooms_.end();
    if (begins) {
        // Nothing of it has been asked for yet.
        there = with_peer->get();
        there->loading = Room::Loading::No;
    }
    if (there == nullptr) there = &add_room();
    there->shown = conversation;
    if (const auto person = people_.find(conversation.peer); person != people_.end()) {
        there->role = person->second.role;
        if (conversation.state == "closed") take(person->second);
    }
    if (const auto draft = drafts_.extract(conversation.conversation); !draft.empty()) {
        take(client::Draft{draft.key(), draft.mapped()});
    }
    put_in_order();
}

void Model::take(const client::Draft& draft) {
    Room* const there = room(draft.to);
    if (there == nullptr) {
        drafts_.insert_or_assign(draft.to, draft.text);
        return;
    }
    there->kept = draft.text;
    if (there->composer.empty()) there->composer.set(draft.text);
}

void Model::take(const client::Message& message) {
    Room* const there = room(message.conversation);
    if (there != nullptr) there->take(message);
    const bool over = message.state != "queued" && is_self(message.sender);
    if (!over) return;
    // What is not on its way any more may yet be on its way here.
    const auto found = transfers_.find(name_of(message));
    if (found == transfers_.end() || !found->second.progress) return;
    if (found->second.progress->act == client::FileProgress::Act::Sending) transfers_.erase(found);
}

void Model::take(const client::FileProgress& progress) {
    transfers_[{status_.device, progress.message}].progress = progress;
}

const Transfer* Model::transfer(const client::Message& message) const {
    const auto found = transfers_.find(name_of(message));
    return found == transfers_.end() ? nullptr : &found->second;
}

void Model::set_transfer(const client::Message& message, Transfer transfer) {
    transfers_.insert_or_assign(name_of(message), std::move(transfer));
}

std::optional<client::FileProgress> Model::under_way(client::FileProgress::Act act) const {
    std::optional<client::FileProgress> all;
    for (const auto& [name, transfer] : transfers_) {
        if (!transfer.progress || transfer.progress->act != act) continue;
        if (!all) all = client::FileProgress{act};
        all->done += transfer.progress->done;
        all->total += transfer.progress->total;
    }
    return all;
}

Room* Model::room(const std::string& id) const {
    const auto found =
        std::ranges::find_if(rooms_, [&](const auto& one) { return one->id() == id; });
    return found == rooms_.end() ? nullptr : found->get();
}

Room& Model::add_room() {
    rooms_.push_back(std::make_unique<Room>());
    order_.push_back(rooms_.back().get());
    return *rooms_.back();
}

void Model::put_in_order() {
    std::ranges::stable_sort(order_, [](const Room* one, const Room* other) {
        const auto key = [](const Room* room) {
            return std::tuple(
                rank(*room), ~room->shown.activity, std::string_view(room->shown.name));
        };
        return key(one) < key(other);
    });
    // People known before their drafts, or the other way round.
    for (const auto& there : rooms_) {
        const auto draft = drafts_.extract(there->id());
        if (!draft.empty()) take(client::Draft{draft.key(), draft.mapped()});
    }
}

std::string Model::title(const Room& room) const {
    const auto namesakes = std::ranges::count_if(
        rooms_, [&](const auto& one) { return one->shown.name == room.shown.name; });
    const std::string name = room.shown.name.empty() ? "?" : on_one_line(room.shown.name);
    return namesakes > 1 ? name + " " + room.id().substr(0, 4) : name;
}

std::uint64_t Model::unread_beside(const Room* room) const {
    std::uint64_t unread = 0;
    for (const auto& other : rooms_) {
        if (other.get() != room) unread += other->shown.unread;
    }
    return unread;
}

}  // namespace cercle::cli::chat
