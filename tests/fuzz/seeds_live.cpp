// SPDX-License-Identifier: AGPL-3.0-or-later
#include <initializer_list>

#include "envelope/content.h"
#include "envelope/inbox_letter.h"
#include "envelope/seen.h"
#include "tests/fuzz/script.h"
#include "tests/fuzz/seeds.h"

namespace cercle::fuzz {
namespace {

/// A letter of relay_fuzz.cpp: what to do with it, and it.
void write_letter(codec::Writer& writer, std::uint8_t how, BytesView letter) {
    writer.raw(Bytes{how});
    writer.opaque(letter);
}

enum class Opened : std::uint8_t { Conversation, Inbox };

/// Opens the conversation's log, or the device's own inbox.
void write_opening(codec::Writer& writer, Opened which) {
    protocol::OpenLog opening{};
    if (which == Opened::Inbox) opening.log.bytes.fill(1);
    write_letter(writer, 0, codec::encode(protocol::RequestBody(std::move(opening))));
}

/// One request by itself, of who may ask for it, and after an opening if it needs that; the first
/// byte says who.
void add_single_requests(Seeds& seeds) {
    for (const auto& [name, body] : sample_requests()) {
        codec::Writer writer;
        const bool newcomers = name.ends_with("step");
        const bool officers = name == "claim" || name == "order";
        const bool holders =
            name == "guess" || name == "read_card" || name == "claim_card" || name == "use_card";
        const bool owners = name.ends_with("packages") || name.ends_with("cards") ||
                            (name.ends_with("_card") && !holders);
        writer.raw(Bytes{static_cast<std::uint8_t>(newcomers  ? 1
                                                   : officers ? 2
                                                   : holders  ? 3
                                                              : 0)});
        const bool readers = name == "read" || name == "acknowledge" || name == "prove_record";
        if (readers || owners) {
            write_opening(writer, owners ? Opened::Inbox : Opened::Conversation);
        }
        write_letter(writer, 0, codec::encode(body));
        seeds.push_back({"relay", name, std::move(writer).take()});
    }
}

/// A device's day: it opens, reads, writes, commits, and writes in the new epoch.
Bytes a_day() {
    using namespace protocol;
    codec::Writer writer;
    writer.raw(Bytes{0});
    const auto ask = [&writer](RequestBody body) { write_letter(writer, 0, codec::encode(body)); };
    ask(OpenLog{});
    ask(Read{});
    ask(Post{{}, {0}, Secret(32), {{{}, to_bytes("text")}}});
    ask(PostBundle{entry_id(1), {codec::encode(sample_bundle()), {}, {}}, {}});
    ask(Post{{}, {1}, Secret(32), {{entry_id(2), to_bytes("text")}}});
    ask(Read{});
    ask(Acknowledge{{}, {3}, {2}});
    return std::move(writer).take();
}

Bytes strangers_hello() {
    codec::Writer writer;
    writer.raw(Bytes{9});
    write_letter(
        writer, 1, codec::encode(protocol::Hello{1, protocol::AsDevice{{}, Bytes(64, 1)}}));
    return std::move(writer).take();
}

using Script = std::initializer_list<std::pair<Line, Bytes>>;

Bytes script(Script lines) {
    codec::Writer writer;
    for (const auto& [line, text] : lines) {
        writer.raw(Bytes{static_cast<std::uint8_t>(line)});
        writer.opaque(text);
    }
    return std::move(writer).take();
}

Bytes written(std::string_view type, std::uint64_t epochs_further = 0) {
    envelope::Content content;
    content.counter = {1};
    content.type = std::string(type);
    content.body = to_bytes("bonjour");
    return codec::encode(Written{
        0, epochs_further, codec::encode(envelope::Seen{}), envelope::encode_content(content)});
}

Bytes written_with_file() {
    envelope::Content content;
    content.counter = {1};
    content.type = std::string(envelope::text_type);
    content.attachment = sample_attachment();
    return codec::encode(
        Written{0, 0, codec::encode(envelope::Seen{}), envelope::encode_content(content)});
}

Bytes entry(protocol::EntryKind kind) {
    protocol::Entry one{};
    one.seq = {1};
    one.kind = kind;
    one.payload = to_bytes("payload");
    return codec::encode(one);
}

}  // namespace

void add_relay(Seeds& seeds) {
    add_single_requests(seeds);
    seeds.push_back({"relay", "day", a_day()});
    seeds.push_back({"relay", "strangers_hello", strangers_hello()});
    // relay_rows_fuzz.cpp: a column's number and what is put there.
    for (const std::uint8_t column : Bytes{1, 4, 8, 16, 19, 46}) {
        seeds.push_back(
            {"relay_rows", "bytes_" + std::to_string(column), numbered(column, Bytes(32, 1))});
    }
    for (const std::uint8_t column : Bytes{22, 23, 28, 50, 51}) {
        seeds.push_back({"relay_rows",
                         "number_" + std::to_string(column),
                         numbered(column, Bytes{0, 0, 0, 0, 0, 0, 0, 9})});
    }
    seeds.push_back({"relay_rows", "file", numbered(255, Bytes{0, 0, 16, 8, 1, 0, 0, 16, 9, 2})});
}

void add_device(Seeds& seeds) {
    using enum Line;
    using protocol::EntryKind;
    const auto add = [&seeds](std::string name, const Script& lines) {
        seeds.push_back({"device", std::move(name), script(lines)});
    };
    add("genuine_group", {{Genuine, {0}}, {Genuine, {0}}, {Genuine, {0}}, {Genuine, {0}}});
    add("genuine_rest", {{Genuine, {1}}, {Genuine, {2}}});
    add("text", {{Text, written(envelope::text_type)}, {Text, written(envelope::leave_type)}});
    add("text_of_no_epoch", {{Text, written(envelope::text_type, ~std::uint64_t{0} >> 1U)}});
    add("file", {{Text, written_with_file()}});
    add("page", {{Text, written(envelope::directory_type)}});
    add("commit", {{Commit, codec::encode(Committed{})}, {Text, written(envelope::text_type)}});
    add("kept_commit", {{Commit, codec::encode(Committed{15, sample_bundle()})}});
    add("letter", {{Letter, codec::encode(envelope::WelcomeLetter{})}});
    add("entries",
        {{GroupEntry, entry(EntryKind::Application)},
         {GroupEntry, entry(EntryKind::Bundle)},
         {InboxEntry, entry(EntryKind::Deposit)},
         {StrayEntry, entry(EntryKind::Application)}});
    add("answers",
        {{News, codec::encode(protocol::FromRelay{protocol::Grew{}})},
         {Answer, codec::encode(protocol::ResponseBody{protocol::Opened{}})},
         {Frame, codec::encode(protocol::FromRelay{protocol::Response{}})}});
}

}  // namespace cercle::fuzz
