// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Stage: a face whose client is the test, in a small circle: Alice, Bertrand, oneself, a group and
// a conversation with Bertrand.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "apps/cli/chat_face.h"

namespace cercle::cli::chat {

inline constexpr std::uint64_t hour = std::uint64_t{60} * 60 * 1000;
inline constexpr std::uint64_t day = 24 * hour;
/// Some Monday at noon.
inline constexpr std::uint64_t noon = std::uint64_t{20'000} * day + 4 * day + 12 * hour;

inline const std::string self(32, '0');
inline const std::string alice(32, 'a');
inline const std::string bertrand(32, 'b');
inline const std::string group(32, 'c');
inline const std::string direct(32, 'd');

/// UTC, so that tests read alike everywhere.
inline Moment moment(std::uint64_t at) {
    const auto days = std::chrono::sys_days(std::chrono::days(at / day));
    const std::chrono::year_month_day date(days);
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(std::chrono::weekday(days).c_encoding()),
            static_cast<int>(at % day / hour),
            static_cast<int>(at % hour / 60'000)};
}

/// A face, with the test as its client.
class Stage {
  public:
    struct Submitted {
        client::Command command;
        client::EventSink on_event;
        std::function<void(const client::Outcome&)> on_done;
    };

    Stage() { face.begin(); }

    /// Told by the watch.
    void tell(const client::Event& event) { submitted.front().on_event(event); }

    /// The newest command of a kind that has not been looked at yet.
    template <class Command>
    Submitted* asked() {
        for (std::size_t at = submitted.size(); at-- > seen_;) {
            if (std::holds_alternative<Command>(submitted[at].command)) return &submitted[at];
        }
        return nullptr;
    }

    template <class Command>
    Command must_ask() {
        Submitted* const found = asked<Command>();
        REQUIRE(found != nullptr);
        return std::get<Command>(found->command);
    }

    template <class Command>
    void answer(client::Outcome outcome = {}, const std::vector<client::Event>& events = {}) {
        Submitted* const found = asked<Command>();
        REQUIRE(found != nullptr);
        const Submitted copy = *found;
        for (const auto& event : events)
            copy.on_event(event);
        copy.on_done(outcome);
    }

    void look_away() { seen_ = submitted.size(); }

    void type(const std::string& text) { face.press({Key::Kind::Text, text}); }

    void press(Key::Kind kind) { face.press({kind}); }

    std::vector<std::string> lines(Size size = {80, 24}) {
        const Frame frame = face.draw(size, now);
        CHECK(frame.rows.size() == static_cast<std::size_t>(size.rows));
        std::vector<std::string> texts;
        for (const Row& row : frame.rows) {
            CHECK(columns_of(row) == size.columns);
            texts.push_back(text_of(row));
        }
        return texts;
    }

    std::string picture(Size size = {80, 24}) {
        std::string all;
        for (const std::string& line : lines(size))
            all += line + "\n";
        return all;
    }

    bool shows(const std::string& text, Size size = {80, 24}) {
        return picture(size).find(text) != std::string::npos;
    }

    std::uint64_t now = noon;
    std::vector<Submitted> submitted;
    Face face{
        [this](client::Command command, client::EventSink on_event, auto on_done) {
            submitted.push_back({std::move(command), std::move(on_event), std::move(on_done)});
        },
        moment,
        {"/srv/office", "/home/moi", [](const std::filesystem::path& path) {
             return path == "/home/moi/plans";
         }}};

  private:
    std::size_t seen_ = 0;
};

inline client::ConversationShown conversation(const std::string& id,
                                              const std::string& name,
                                              std::uint64_t activity,
                                              const std::string& peer = {}) {
    client::ConversationShown shown;
    shown.conversation = id;
    shown.kind = peer.empty() ? "group" : "direct";
    shown.name = name;
    shown.state = "open";
    shown.peer = peer;
    shown.activity = activity;
    return shown;
}

inline client::Message message(const std::string& where,
                               std::uint64_t seq,
                               const std::string& sender,
                               const std::string& text,
                               std::uint64_t at = noon) {
    client::Message message;
    message.id = std::to_string(seq);
    message.conversation = where;
    if (seq != 0) message.seq = seq;
    message.sender = sender;
    message.sender_device = sender;
    message.sender_name = sender == alice ? "Alice" : sender == bertrand ? "Bertrand" : "Moi";
    message.state = seq == 0 ? "queued" : "durable";
    message.text = text;
    message.at = at;
    return message;
}

/// A circle of three with a group and a conversation with Bertrand; the group is open.
inline void furnish(Stage& stage) {
    client::Status status;
    status.online = 1;
    status.member = self;
    status.device = self;
    status.circle_name = "Conseil";
    stage.tell(status);
    stage.tell(client::Contact{alice, "Alice", "ministre"});
    stage.tell(client::Contact{bertrand, "Bertrand", "conseiller"});
    stage.tell(conversation(group, "Cellule", 9));
    stage.tell(conversation(direct, "Bertrand", 5, bertrand));
    stage.tell(client::Reached{1});
    stage.answer<client::Read>({}, {message(group, 1, alice, "bonjour à tous")});
    stage.look_away();
}

/// Below the title.
inline std::size_t line_with(const std::vector<std::string>& lines, const std::string& text) {
    const auto found = std::find_if(lines.begin() + 2, lines.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    });
    if (found == lines.end()) FAIL("no line with " << text);
    return static_cast<std::size_t>(found - lines.begin());
}

}  // namespace cercle::cli::chat
