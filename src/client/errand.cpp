// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/errand.h"

#include <utility>

#include "codec/tls.h"
#include "envelope/content.h"
#include "protocol/words.h"

namespace cercle::client {

Bytes absolute(const Bytes& path) {
    if (path.empty()) return path;
    std::error_code failed;
    const auto whole = std::filesystem::absolute(to_text(path), failed).lexically_normal();
    return failed ? path : to_bytes(std::string_view(whole.native()));
}

Command ready(const Command& command, Random& random) {
    Command prepared = command;
    if (auto* send = std::get_if<Send>(&prepared)) {
        send->file = absolute(send->file);
        if (send->id.empty()) send->id = envelope::MessageId::random(random).hex();
    }
    if (auto* group = std::get_if<CreateGroup>(&prepared)) {
        if (group->id.empty()) group->id = protocol::LogId::random(random).hex();
    }
    const auto name = [&random](std::string& id) {
        if (id.empty()) id = protocol::LogId::random(random).hex();
    };
    if (auto* card = std::get_if<CreateCard>(&prepared)) name(card->id);
    if (auto* cards = std::get_if<RenewCards>(&prepared)) name(cards->id);
    if (auto* fetch = std::get_if<Fetch>(&prepared)) fetch->out = absolute(fetch->out);
    if (auto* contacts = std::get_if<ListContacts>(&prepared)) {
        contacts->pictures = absolute(contacts->pictures);
    }
    return prepared;
}

bool may_be_repeated(const Command& command) {
    const auto* read = std::get_if<Read>(&command);
    if (read != nullptr) return read->follow == Follow::Yes;
    const auto* sync = std::get_if<Sync>(&command);
    if (sync != nullptr) return sync->wait_seconds > 0;
    const auto* send = std::get_if<Send>(&command);
    if (send != nullptr) return !send->file.empty();
    return std::holds_alternative<Fetch>(command) || std::holds_alternative<Watch>(command);
}

Errand errand_of(const Command& command,
                 std::optional<std::uint32_t> timeout_seconds,
                 const std::uint64_t& reached) {
    return {[&command, timeout_seconds, &reached]() -> Request {
                Command again = command;
                if (auto* reads = std::get_if<Read>(&again)) reads->reached = reached;
                if (auto* looks = std::get_if<Watch>(&again)) looks->reached = reached;
                return {Area::Client, timeout_seconds, codec::encode(again)};
            },
            may_be_repeated(command) ? Lasting::Yes : Lasting::No};
}

void Interruption::see(const Event& event) {
    const auto* progress = std::get_if<FileProgress>(&event);
    if (progress == nullptr) return;
    act_ = progress->act;
    taken_in_ = taken_in_ || progress->act == FileProgress::Act::Sending;
}

const char* Interruption::sentence() const {
    if (taken_in_) return "stopped; the file is kept, and goes on with the next command";
    if (act_ == FileProgress::Act::Receiving) {
        return "stopped; what has come stays, and the same command goes on from there";
    }
    if (act_ == FileProgress::Act::Reading) {
        return "stopped before the file was taken in; nothing was sent";
    }
    return "the command was ended";
}

}  // namespace cercle::client
