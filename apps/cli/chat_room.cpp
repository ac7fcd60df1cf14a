// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_room.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace cercle::cli::chat {
namespace {

constexpr auto no_place = std::numeric_limits<std::uint64_t>::max();

/// What a position's entry shows to be missing before it stands first.
Room::Place place_of(const Entry& entry) {
    if (const auto* message = std::get_if<client::Message>(&entry)) {
        return {message->seq.value_or(no_place), 2};
    }
    if (const auto* member = std::get_if<client::Membership>(&entry)) {
        return {member->seq.value_or(no_place), 1};
    }
    return {std::get<client::Gap>(entry).seq, 0};
}

/// A message gets its place later and keeps its name.
Room::Name entry_name(const Entry& entry) {
    if (const auto* message = std::get_if<client::Message>(&entry)) {
        return {entry.index(), 0, message->sender_device, message->id};
    }
    if (const auto* member = std::get_if<client::Membership>(&entry)) {
        return {entry.index(), member->seq.value_or(0), member->action, member->member};
    }
    const auto& gap = std::get<client::Gap>(entry);
    return {entry.index(), gap.seq, std::to_string(gap.after), gap.reason};
}

}  // namespace

std::uint64_t time_of(const Entry& entry) {
    return std::visit([](const auto& one) { return one.at; }, entry);
}

std::string gist(const std::string& text, const std::string& file) {
    return on_one_line(text.empty() && !file.empty() ? "file: " + file : text);
}

std::string gist(const client::Message& message) {
    return gist(message.text, message.attachment ? message.attachment->name : "");
}

void Room::take(Entry entry) {
    const Place place = place_of(entry);
    const auto [known, is_new] = places_.try_emplace(entry_name(entry), place);
    if (!is_new) {
        const auto among = std::ranges::equal_range(entries_, known->second, {}, place_of);
        const auto earlier = std::ranges::find(among, known->first, entry_name);
        if (known->second == place) {
            *earlier = std::move(entry);
            return;
        }
        entries_.erase(earlier);
        known->second = place;
    }
    entries_.insert(std::ranges::upper_bound(entries_, place, {}, place_of), std::move(entry));
}

std::uint64_t Room::newest() const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (place_of(*entry).first != no_place) return place_of(*entry).first;
    }
    return 0;
}

std::uint64_t Room::oldest() const {
    if (entries_.empty() || place_of(entries_.front()).first == no_place) return 0;
    return place_of(entries_.front()).first;
}

std::size_t Room::first_behind(std::uint64_t position) const {
    const auto first = std::ranges::upper_bound(
        entries_, position, {}, [](const Entry& entry) { return place_of(entry).first; });
    return static_cast<std::size_t>(first - entries_.begin());
}

const client::Message* Room::newest_file(const std::string& self) const {
    for (std::size_t entry = entries_.size(); entry-- > 0;) {
        const auto* there = message(entry);
        if (there != nullptr && there->attachment && there->sender != self) return there;
    }
    return nullptr;
}

const client::Message* Room::message(std::size_t entry) const {
    return entry < entries_.size() ? std::get_if<client::Message>(&entries_[entry]) : nullptr;
}

}  // namespace cercle::cli::chat
