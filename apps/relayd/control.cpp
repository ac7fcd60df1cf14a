// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/control.h"

#include <system_error>
#include <utility>

#include "apps/relayd/status.h"
#include "net/local_socket.h"

namespace cercle::relayd {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience_for_word = 10s;
/// The asker copies what it was given; it hangs up when that is done, or when it ends.
constexpr Duration patience_for_copying = 24h;
/// Of a relay that is asked: its store may be large.
constexpr Duration patience_for_answer = 24h;

Object refusal(const Error& error) {
    return {{"exit", static_cast<int>(exit_of(error.code))},
            {"rule", rule_name(error.code)},
            {"sentence", error.reason.text}};
}

Object of_key(const Result<net::RelayKey>& key) {
    if (!key.has_value()) return refusal(key.error());
    return {{"exit", 0}, {"key", key->hex()}};
}

void remove_copy(const std::filesystem::path& data) {
    std::error_code ignored;
    std::filesystem::remove(data / copy_name, ignored);
}

net::Task<Answered> ask(net::Loop& loop, std::filesystem::path path, std::string word) {
    Answered answered;
    CO_TRY(answered.channel, co_await net::dial_local(loop, path, loop.in(patience_for_word)));
    CO_TRY_VOID(co_await answered.channel->send(to_bytes(word), loop.in(patience_for_word)));
    CO_TRY(const Bytes frame, co_await answered.channel->receive(loop.in(patience_for_answer)));
    const std::string text = to_text(frame);
    answered.object = Object::parse(text, nullptr, false);
    const auto exit = answered.object.find("exit");
    if (!answered.object.is_object() || exit == answered.object.end() ||
        !exit->is_number_integer()) {
        co_return fail(Code::malformed, "the serving relay answers in another language");
    }
    co_return answered;
}

}  // namespace

Result<void> check_room_for_copy(const std::filesystem::path& data, std::uint64_t reserve) {
    std::uint64_t size = 0;
    for (const char* const name : {"relay.db", "relay.db-wal"}) {
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(data / name, missing);
        if (!missing) size += bytes;
    }
    std::error_code error;
    const auto space = std::filesystem::space(data, error);
    if (error) return fail(Code::disk_fault, "the room on the disk cannot be told");
    if (space.available < size + reserve) {
        return fail(Code::disk_full, "a copy of the store does not fit beside it");
    }
    return {};
}

Control::Control(net::Loop& loop,
                 Diary& diary,
                 relay::Server& server,
                 std::filesystem::path data,
                 std::uint64_t reserve,
                 Renewals renewals)
    : loop_(loop),
      server_(server),
      data_(std::move(data)),
      reserve_(reserve),
      renewals_(std::move(renewals)),
      attending_(loop, diary) {}

Result<void> Control::open() {
    remove_copy(data_);
    TRY(listener_, net::listen_local(loop_, data_ / control_name));
    return {};
}

net::Task<void> Control::run() {
    while (true) {
        CO_TRY(auto channel, co_await listener_->accept());
        CO_TRY_VOID(attending_.spawn(attend(std::move(channel))));
    }
}

net::Task<void> Control::close() {
    listener_->close();
    co_return co_await attending_.close();
}

net::Task<void> Control::attend(std::unique_ptr<net::Channel> channel) {
    const auto word = co_await channel->receive(loop_.in(patience_for_word));
    // Who says nothing, or hangs up, wanted nothing.
    if (!word.has_value()) co_return Result<void>{};
    const std::string text = to_text(*word);
    CO_TRY(const Object answered, co_await answer(text));
    const bool copied = answered.contains("copy");
    const auto sent =
        co_await channel->send(to_bytes(answered.dump()), loop_.in(patience_for_word));
    if (copied) {
        if (sent.has_value()) {
            static_cast<void>(co_await channel->receive(loop_.in(patience_for_copying)));
        }
        remove_copy(data_);
    }
    co_return Result<void>{};
}

net::Task<Object> Control::answer(std::string_view word) {
    if (word == "status") co_return co_await status();
    if (word == "copy") co_return co_await copy();
    if (word == "reload") co_return of_key(renewals_.reload());
    if (word == "rotate-key") co_return of_key(renewals_.rotate());
    co_return refusal(Error{Code::unsupported, "the serving relay does not know this command", {}});
}

net::Task<Object> Control::status() {
    Object shown;
    const auto looked = co_await server_.look([&shown](relay::LogTables& tables) -> Result<void> {
        TRY(shown, status_of(tables));
        return {};
    });
    if (!looked.has_value() && looked.error().code == Code::closing) {
        co_return std::unexpected(looked.error());
    }
    if (!looked.has_value()) co_return refusal(looked.error());
    co_return Object{{"exit", 0}, {"status", std::move(shown)}};
}

net::Task<Object> Control::copy() {
    Result<void> copied = check_room_for_copy(data_, reserve_);
    if (copied.has_value()) copied = co_await server_.copy_store(data_ / copy_name);
    if (!copied.has_value() && copied.error().code == Code::closing) {
        co_return std::unexpected(copied.error());
    }
    if (!copied.has_value()) co_return refusal(copied.error());
    co_return Object{{"exit", 0}, {"copy", copy_name}};
}

Result<Answered> ask_serving(net::Loop& loop,
                             const std::filesystem::path& data,
                             std::string_view word) {
    return loop.run_until(ask(loop, data / control_name, std::string(word)));
}

Exit exit_of(const Object& answer, std::string_view what_for) {
    const auto exit = static_cast<Exit>(answer.at("exit").get<int>());
    if (exit != Exit::Done) {
        report_answer(
            answer.value("sentence", "refused"), answer.value("rule", "refused"), what_for);
    }
    return exit;
}

}  // namespace cercle::relayd
