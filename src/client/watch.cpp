// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/watch.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "client/card_commands.h"
#include "client/cards.h"
#include "client/daily.h"
#include "client/offices.h"
#include "client/outcome.h"
#include "client/relay_word.h"
#include "client/shown.h"
#include "client/telling.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

/// What was told last of each thing, so that only what differs is told again.
class Told {
  public:
    explicit Told(const EventSink& sink)
        : sink_(sink) {}

    /// `key` is the thing's among those of its kind.
    void tell(const std::string& key, const Event& event) {
        Bytes& before = told_[{event.index(), key}];
        Bytes now = codec::encode(event);
        if (before == now) return;
        before = std::move(now);
        sink_(event);
    }

  private:
    const EventSink& sink_;
    std::map<std::pair<std::size_t, std::string>, Bytes> told_;
};

Result<void> tell_state(Device& device, Told& told) {
    Core& core = device.core();
    TRY(const Status status, status_of(device));
    told.tell({}, status);
    TRY(const auto people, core.people.all());
    for (const Person& person : people) {
        if (person.member == core.self.member) continue;
        told.tell(person.member.hex(), shown(person));
    }
    TRY(const auto rows, core.conversations.all());
    for (const ConversationRow& row : rows) {
        if (row.kind == ConversationKind::Directory) continue;
        TRY(const auto one, shown(core, row));
        told.tell(one.conversation, one);
    }
    TRY(const auto by_card, card_conversations(core));
    for (const ConversationShown& one : by_card)
        told.tell(one.conversation, one);
    return {};
}

/// Of a message's file, once it is on its way; in whole percent, so that not every chunk is told
/// of.
std::optional<FileProgress> progress_of(const Core& core,
                                        const Message& message,
                                        const Line& line) {
    if (!message.attachment) return std::nullopt;
    FileProgress progress{FileProgress::Act::Sending, 0, message.attachment->size, message.id, {}};
    const auto transfer = core.transfers.find(line.id);
    if (transfer != core.transfers.end() && transfer->second.total != 0) {
        const auto percent = std::uint64_t{transfer->second.done} * 100 / transfer->second.total;
        progress.done = progress.total * percent / 100;
    }
    const auto stalled = core.stalled_uploads.find(line.id);
    if (stalled != core.stalled_uploads.end()) {
        progress.trouble = outcome_of(stalled->second).sentence;
    }
    return progress;
}

Result<void> tell_waiting(Core& core, Told& told) {
    TRY(const auto waiting, core.timeline.waiting(core.self.device));
    for (const Line& line : waiting) {
        TRY(const Event event, shown(core, line));
        told.tell(line.id.hex(), event);
        const auto* message = std::get_if<Message>(&event);
        if (message == nullptr || line.state != LineState::Queued) continue;
        if (const auto progress = progress_of(core, *message, line)) {
            told.tell(line.id.hex(), *progress);
        }
    }
    return {};
}

/// What was learnt behind `newest`, which moves on.
Result<void> tell_news(Core& core, std::int64_t& newest, const EventSink& sink) {
    TRY(const auto lines, core.timeline.learnt_after(newest));
    for (const Line& line : lines) {
        newest = std::max(newest, line.ordinal);
        TRY(const Event event, shown(core, line));
        sink(event);
    }
    return {};
}

Result<bool> is_conversation(Core& core, const std::string& id) {
    const auto card = protocol::CardId::from_hex(id);
    TRY(const auto file,
        card ? cards::find(core.database, *card) : Result<std::optional<CardFile>>(std::nullopt));
    if (file) return true;
    TRY(const auto rows, core.conversations.all());
    return std::ranges::any_of(rows,
                               [&](const ConversationRow& row) { return row.log.hex() == id; });
}

}  // namespace

Result<Status> status_of(Device& device) {
    Core& core = device.core();
    TRY(const auto waiting, core.timeline.waiting(core.self.device));
    TRY(const auto name, core.database.one<std::string>("SELECT circle_name FROM self"));
    Status status;
    status.online = device.courier().online() ? 1 : 0;
    status.queued = static_cast<std::uint64_t>(std::ranges::count_if(
        waiting, [](const Line& line) { return line.state != LineState::Failed; }));
    if (const auto incarnation = device.courier().incarnation()) {
        status.incarnation = incarnation->hex();
    }
    status.circle = core.self.circle().hex();
    if (name) status.circle_name = std::get<0>(*name);
    status.member = core.self.member.hex();
    status.device = core.self.device.hex();
    TRY(const auto standing, relay_word::standing(core));
    status.relay_confirmed = standing == relay_word::Standing::Confirmed ? 1 : 0;
    TRY(const auto said, daily::last(core.database));
    if (said) status.officer_at = said->time.value;
    TRY(const auto late, daily::lateness(core.database));
    status.officer_late = late == daily::Lateness::No ? 0 : 1;
    TRY(const auto office, offices::newest(core.database));
    if (office) {
        status.officer = OfficerShown{
            office->member.hex(),
            name_of(core, office->member),
            office->how == identity::Succession::HandedOver ? "handed-over" : "restored",
            milliseconds(office->at)};
    }
    return status;
}

Result<void> warn_if_late(Core& core, const EventSink& sink) {
    TRY(const auto warning, daily::take_warning(core));
    if (warning) sink(Notice{std::string(*warning)});
    return {};
}

net::Task<void> watch(Device& device, Watch command, const EventSink& sink) {
    Core& core = device.core();
    Told told(sink);
    CO_TRY(std::int64_t newest, core.timeline.newest_durable());
    if (command.reached != 0) newest = static_cast<std::int64_t>(command.reached);
    CO_TRY(const auto drafts, core.reading.drafts());
    for (const auto& [to, text] : drafts)
        sink(Draft{to, text});
    while (true) {
        CO_TRY_VOID(tell_state(device, told));
        CO_TRY_VOID(tell_news(core, newest, sink));
        CO_TRY_VOID(tell_waiting(core, told));
        CO_TRY_VOID(tell_of_leaks(core, sink));
        CO_TRY_VOID(tell_of_alarms(core, sink));
        CO_TRY_VOID(warn_if_late(core, sink));
        sink(Reached{static_cast<std::uint64_t>(newest)});
        CO_TRY_VOID(co_await core.changed.wait(net::Deadline::never()));
    }
}

Result<void> mark_read(Core& core, const MarkRead& command) {
    const auto log = protocol::LogId::from_hex(command.conversation);
    TRY(const bool there, is_conversation(core, command.conversation));
    if (!log || !there) return fail(Code::unknown, "there is no such conversation");
    // Nobody has read what is not there yet.
    TRY(const auto newest,
        core.database.one<std::uint64_t>(
            "SELECT coalesce(max(seq), 0) FROM timeline WHERE log = ?1", *log));
    const std::uint64_t most = newest ? std::get<0>(*newest) : 0;
    TRY(const bool moved, core.reading.mark(*log, {std::min(command.seq, most)}));
    if (moved) core.changed.notify_all();
    return {};
}

Result<void> keep_draft(Core& core, const KeepDraft& command) {
    if (!is_utf8(command.text)) return fail(Code::invalid_text, "the text is not UTF-8");
    if (command.text.size() > envelope::longest_text) {
        return fail(Code::too_large, "the text is too long; 64 KiB can be kept");
    }
    const auto member = identity::MemberId::from_hex(command.to);
    TRY(const bool conversation, is_conversation(core, command.to));
    if (!conversation) {
        if (!member) return fail(Code::unknown, "there is nobody of that id");
        TRY_VOID(core.people.resolve(command.to));
    }
    return core.reading.keep_draft(command.to, command.text);
}

}  // namespace cercle::client
