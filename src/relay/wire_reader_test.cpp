// SPDX-License-Identifier: AGPL-3.0-or-later

// The Python reader of tools/ is written from docs/spec/wire.md and nothing else. What it makes of
// our frames shows that the text is enough to implement from.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/stage/calling.h"
#include "tests/stage/locked.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Reading {
    bool well;
    std::string text;
};

Reading read_with_python(std::string_view kind, const std::vector<Bytes>& frames) {
    if (std::system("python3 --version > /dev/null 2>&1") != 0) SKIP("there is no python3");
    const Directory directory;
    const std::string input = directory.path() / "frames";
    const std::string output = directory.path() / "json";
    std::ofstream file(input);
    for (const Bytes& frame : frames)
        file << to_hex(frame) << '\n';
    file.close();
    std::ostringstream command;
    command << "python3 '" << CERCLE_SOURCE_DIR << "/tools/wire_reader.py' " << kind << " '"
            << input << "' > '" << output << "' 2>&1";
    const bool well = std::system(command.str().c_str()) == 0;
    std::ifstream read(output);
    return {well, {std::istreambuf_iterator<char>(read), std::istreambuf_iterator<char>()}};
}

void expect(const Reading& reading, std::initializer_list<std::string> parts) {
    INFO(reading.text);
    CHECK(reading.well);
    for (const std::string& part : parts) {
        INFO(part);
        CHECK(reading.text.find(part) != std::string::npos);
    }
}

Bytes response(protocol::ResponseBody body) {
    return codec::encode(protocol::FromRelay{protocol::Response{{7}, std::move(body)}});
}

}  // namespace

TEST_CASE("the Python reader, written from the text, reads every request as we wrote it") {
    Actor ana;
    Officer officer;
    Talk talk;
    auto bundle = talk.bundle(ana, 3);
    bundle.commit = Bytes(300, 5);  // a length of two bytes
    bundle.readers_dropped = {ana.reader_key()};
    std::vector<protocol::RequestBody> bodies;
    bodies.emplace_back(protocol::Claim{});
    bodies.emplace_back(officer.order(ana.admission()));
    bodies.emplace_back(officer.order(protocol::DropDevice{ana.device_key()}));
    bodies.emplace_back(officer.order(protocol::OpenExchange{{}, {}, {12'345}}));
    bodies.emplace_back(officer.order(protocol::CloseExchange{{}}));
    bodies.emplace_back(talk.creation({ana.reader_key()}));
    bodies.emplace_back(talk.post(4, std::string(20'000, 'x')));  // of four bytes
    bodies.emplace_back(talk.signed_by(ana, bundle));
    bodies.emplace_back(ana.opening(talk.log));
    bodies.emplace_back(protocol::Read{talk.log, {99}});
    bodies.emplace_back(ana.letter("letter"));
    bodies.emplace_back(protocol::PutKeyPackages{ana.inbox, {to_bytes("a"), to_bytes("bc")}});
    bodies.emplace_back(protocol::CountKeyPackages{ana.inbox});
    bodies.emplace_back(protocol::TakeKeyPackage{ana.inbox, new_token(), {}});
    bodies.emplace_back(protocol::PutStep{{}, new_token(), 3, to_bytes("step")});
    bodies.emplace_back(protocol::GetStep{{}, new_token(), 4});
    bodies.emplace_back(protocol::CreateBlob{{}, {}, {}, 1'599});
    bodies.emplace_back(
        protocol::PutChunk{{}, new_token(), {31}, Bytes(protocol::chunk_size, 0x5a)});
    bodies.emplace_back(protocol::GetChunk{{}, new_token(), {32}});
    bodies.emplace_back(protocol::Acknowledge{talk.log, {1'234}, {1'230}});
    bodies.emplace_back(
        protocol::CreateRecordedLog{talk.log, talk.verifier(0), {ana.reader_key()}});
    bodies.emplace_back(protocol::GetCheckpoint{});
    bodies.emplace_back(protocol::ProveRecord{talk.log, {5}, {678}});
    bodies.emplace_back(protocol::ProveGrowth{{679}, {680}});
    Locked phone;
    Ticket card{ana.inbox};
    card.terms.hours = {{61, 122}};
    bodies.emplace_back(officer.order(protocol::RearmShares{}));
    bodies.emplace_back(phone.request());
    bodies.emplace_back(protocol::DropShare{});
    bodies.emplace_back(phone.right_guess());
    bodies.emplace_back(card.put());
    bodies.emplace_back(card.bind(ana, Visitor{}));
    bodies.emplace_back(protocol::RevokeCard{ana.inbox, card.id});
    bodies.emplace_back(protocol::DropCard{ana.inbox, card.id});
    bodies.emplace_back(protocol::ListCards{ana.inbox, card.id});
    bodies.emplace_back(card.read());
    bodies.emplace_back(card.claim("claim"));
    bodies.emplace_back(card.use("letter"));
    bodies.emplace_back(protocol::GetIncarnation{});
    bodies.emplace_back(protocol::RotateInbox{ana.inbox, {}});
    bodies.emplace_back(protocol::GiveBack{
        talk.log, {{{3}, protocol::EntryKind::Application, {1}, {4'321}, Bytes(70, 9), {}}}});
    bodies.emplace_back(protocol::DeclareKept{talk.log, {98'765}});
    std::vector<Bytes> frames;
    for (auto& body : bodies) {
        frames.push_back(codec::encode(protocol::Request{{11}, std::move(body)}));
    }
    expect(read_with_python("request", frames),
           {"Claim",
            "AdmitDevice",
            "DropDevice",
            "\"until\": 12345",
            "CloseExchange",
            "CreateLog",
            "\"epoch\": 4",
            "\"epoch\": 3",
            ana.reader_key().hex(),
            talk.log.hex(),
            "\"after\": 99",
            to_hex(view_of("letter")),
            "\"packages\": [\"61\", \"6263\"]",
            "TakeKeyPackage",
            "\"step\": 3",
            "GetStep",
            "\"chunks\": 1599",
            "\"number\": 31",
            "5a5a5a",
            "GetChunk",
            "\"upto\": 1234",
            "\"follows\": 1230",
            "CreateRecordedLog",
            "GetCheckpoint",
            "\"size\": 678",
            "\"later\": 680",
            "RearmShares",
            phone.key().hex(),
            "DropShare",
            "next_verifier",
            "\"tier\": \"Ring\"",
            "\"from\": 61, \"until\": 122",
            "BindCard",
            "RevokeCard",
            "DropCard",
            "ListCards",
            card.id.hex(),
            "ReadCard",
            "ClaimCard",
            "UseCard",
            "GetIncarnation",
            "\"stamp\": 4321",
            "\"upto\": 98765"});
}

TEST_CASE("the Python reader reads greeting, hello, responses and news as we wrote them") {
    const Actor ana;
    expect(read_with_python("greeting", {codec::encode(protocol::Greeting{})}), {"\"version\": 2"});
    expect(
        read_with_python(
            "hello",
            {codec::encode(protocol::Hello{1, protocol::AsDevice{ana.device_key(), Bytes(64, 1)}}),
             codec::encode(protocol::Hello{1, protocol::AsNewcomer{}}),
             codec::encode(protocol::Hello{1, protocol::AsHolder{{}, Bytes(64, 3)}}),
             codec::encode(
                 protocol::Hello{1, protocol::AsOfficer{as<OfficerKey>(ana.key), Bytes(64, 2)}})}),
        {"AsDevice", ana.device_key().hex(), "AsNewcomer", "AsHolder", "AsOfficer"});
    const protocol::Entry entry{{5}, protocol::EntryKind::Bundle, {2}, {77}, Bytes(70, 9), {}};
    protocol::CardRow row{};
    row.terms.tier = protocol::Tier::Knock;
    row.misuse.push_back({protocol::Misuse::Late, 9, {1}, {2}});
    expect(
        read_with_python(
            "relay",
            {response(protocol::Done{}),
             response(protocol::Refused{protocol::Refusal::LogFull}),
             response(protocol::Posted{{{1}, {2}}}),
             response(protocol::Opened{{3}, {4}}),
             response(protocol::Entries{{entry}, {6}}),
             response(protocol::Count{8}),
             response(protocol::Package{Bytes{0xab}}),
             response(protocol::Step{Bytes{0xcd}, 1}),
             response(protocol::Step{std::nullopt, 0}),
             response(protocol::Blob{{1'234}, Bytes{0xfe}}),
             response(protocol::Chunk{Bytes{0x12}}),
             response(protocol::Guessed{protocol::GuessOutcome::Wrong, 3, 7, 60'001, std::nullopt}),
             response(protocol::Cards{{row}, 0}),
             response(protocol::CardFace{Bytes{0x78}}),
             response(protocol::Refused{protocol::Refusal::Frozen}),
             response(protocol::Refused{protocol::Refusal::Restored}),
             response(protocol::SignedIncarnation{
                 codec::encode(protocol::IncarnationStatement{{}, {}, {54'321}}), {}, {}}),
             codec::encode(protocol::FromRelay{protocol::Grew{{}, {42}}}),
             codec::encode(protocol::FromRelay{protocol::Moved{{}}})}),
        {"Done",
         "LogFull",
         "\"positions\": [1, 2]",
         "\"since\": 3",
         "\"kind\": \"bundle\"",
         "\"stamp\": 77",
         "\"left\": 8",
         "\"package\": \"ab\"",
         "\"payload\": \"cd\"",
         "\"payload\": null",
         "\"until\": 1234",
         "\"filled\": \"fe\"",
         "\"chunk\": \"12\"",
         "\"outcome\": \"Wrong\"",
         "\"wait\": 60001",
         "\"why\": \"Late\", \"count\": 9",
         "\"face\": \"78\"",
         "Frozen",
         "Restored",
         "\"since\": 54321",
         "\"head\": 42",
         "Moved"});
}

TEST_CASE("the Python reader refuses what is cut off or has bytes behind its end") {
    Bytes frame = codec::encode(protocol::Request{{1}, protocol::Read{{}, {9}}});
    frame.push_back(0);
    CHECK_FALSE(read_with_python("request", {frame}).well);
    frame.resize(frame.size() - 2);
    CHECK_FALSE(read_with_python("request", {frame}).well);
}
