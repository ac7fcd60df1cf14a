// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answering_word.h"
#include "client/conversation.h"
#include "client/drawer_report.h"
#include "client/outbox.h"
#include "client/owner.h"
#include "client/policy.h"
#include "client/vault.h"
#include "net/memory_network.h"
#include "officer/api.h"
#include "officer/backup.h"
#include "officer/journal.h"
#include "store/simulated_disk.h"
#include "tests/fuzz/seeds.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::fuzz {
namespace {

using namespace client;

// The structs of client_decode_fuzz.cpp, by their numbers there.
enum Struct : std::uint8_t {
    ACommand,
    AnEvent,
    ARequest,
    ALocalRequest,
    ALocalAnswer,
    AChange,
    APolicy,
    ASlot,
    SomeSavedKeys,
    ADoubt,
    ADrawerReport,
    AnAnsweringWord,
    TrustLines = 255
};

Bytes slot_file() {
    net::Loop loop(net::Loop::Kind::Virtual);
    vectors::SeededRandom random(1);
    net::MemoryNetwork network(loop, random);
    SilentDiary diary;
    store::SimulatedDisk disk(random);
    const World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    must(make_vault(world, "/home", Secret::copy_of(view_of("a passphrase"))).has_value());
    return disk.image().at("/home/vault.slot");
}

/// As docs/spec/vault.md has them.
Bytes local_request(BytesView command) {
    codec::Writer writer;
    writer.raw(Bytes{4, 0});
    writer.opaque(command);
    return std::move(writer).take();
}

Bytes saved_keys() {
    codec::Writer writer;
    writer.raw(Bytes{1});
    for (int key = 0; key < 3; ++key)
        writer.opaque(Bytes(32, 1));
    writer.raw(Bytes(16, 2));
    writer.opaque(Bytes(32, 3));
    return std::move(writer).take();
}

std::vector<std::pair<std::string, Command>> commands() {
    return {{"join", Join{"CERCLE:TEXT", "CODE"}},
            {"status", ShowStatus{}},
            {"send", Send{"Bertrand", "Bonjour", "00112233445566778899aabbccddeeff"}},
            {"send_file", Send{"Bertrand", "", "", to_bytes("/tmp/rapport.pdf")}},
            {"fetch", Fetch{"00112233445566778899aabbccddeeff", to_bytes("rapport.pdf")}},
            {"sync", Sync{5}},
            {"read", Read{"Bertrand", 1, 10, Follow::Yes, 3}},
            {"create",
             CreateGroup{"Cellule", {"Bertrand", "Chloé"}, "00112233445566778899aabbccddeeff"}},
            {"change", ChangeGroup{ChangeGroup::Act::Remove, "Cellule", "Chloé"}},
            {"open_card", Join{"CERCLE:TEXT", "", "Bonjour, c’est Zoé"}},
            {"create_card", CreateCard{"Zoé", "ring", "Mon-Fri 09:00-18:00", 20}},
            {"ask_for_card", CreateCard{"Zoé", "ring", "", 20, "", "Bertrand"}},
            {"quiet", KeepQuiet{"22:00-07:00", {"Zoé"}, {"Max"}}},
            {"renew_cards", RenewCards{RenewCards::Which::AllBut, "Zoé"}},
            {"policy", ShowPolicy{}},
            {"contacts", ListContacts{to_bytes("/tmp/pictures")}},
            {"confirm", ConfirmRequest{"00112233445566778899aabbccddeeff"}}};
}

std::vector<std::pair<std::string, Event>> events() {
    return {
        {"status", Status{}},
        {"contact", Contact{"member", "Zoé", "minister", {"north"}, std::string(64, 'a')}},
        {"device", DeviceShown{"device", "member", 1, 2}},
        {"sent", Sent{"id", "conversation", "durable", 7, "text"}},
        {"message", Message{}},
        {"gap", Gap{"conversation", 1, 3, "forged", "member", "Zoé"}},
        {"membership", Membership{}},
        {"notice", Notice{"wait"}},
        {"request_of_newcomer", RequestShown{"id", "join", "", "six words", 1, {}}},
        {"reached", Reached{9}},
        {"progress", FileProgress{FileProgress::Act::Sending, 1, 2}},
        {"request", RequestShown{"id", "claim", "Zoé", "six words", 0, "Bonjour"}},
        {"card", CardShown{"id", "Zoé", "ring", "bound", 3, "CERCLE:TEXT"}},
        {"answered_card", CardShown{"id", "Zoé", "ring", "asked", 0, std::nullopt, "Bertrand", ""}},
        {"quiet_hours", QuietShown{"22:00-07:00", {{"id", "Zoé"}}}},
        {"policy",
         PolicyShown{2, 1, "0xf002", {{"cards", "nobody", "set", "Nobody may make cards."}}}},
        {"told", ReportTold{1, 1, 3, 2, "sent"}},
        {"fetched", Fetched{"id", {"rapport.pdf", 9, std::string(64, 'a')}}}};
}

std::vector<std::pair<std::string, AnsweringWord>> answering_words() {
    std::vector<std::pair<std::string, AnsweringWord>> words;
    const auto add = [&words](std::string name, auto says) {
        words.emplace_back(std::move(name), AnsweringWord{answering_word_version, std::move(says)});
    };
    add("ask", Ask{{}, {}, "Zoé", protocol::Tier::Ring, "Mon-Fri 09:00-18:00", 20});
    add("made", Made{{}, Secret(identity::card_secret_size), {}});
    add("attested", Attested{{}, {}, {Bytes(81, 1), Bytes(64, 2)}, "Cabinet", "La Présidente", {}});
    add("standing", StandingTold{{}, Standing::Bound, 3});
    add("end", EndOfAsking{});
    return words;
}

}  // namespace

void add_client(Seeds& seeds) {
    const auto add = [&seeds](const std::string& name, Struct which, const auto& value) {
        seeds.push_back({"client_decode", name, numbered(which, value)});
    };
    for (const auto& [name, command] : commands())
        add("command_" + name, ACommand, command);
    for (const auto& [name, event] : events())
        add("event_" + name, AnEvent, event);
    const Bytes command = codec::encode(Command(ShowStatus{}));
    add("doubt", ADoubt, Doubt{});
    for (const auto& [name, word] : answering_words())
        add("answering_" + name, AnAnsweringWord, word);
    add("drawer_report", ADrawerReport, DrawerReport{1, {}, {20'000}, 3});
    add("request", ARequest, Request{Area::Client, 30, command});
    add("local_request", ALocalRequest, local_request(command));
    add("local_event", ALocalAnswer, numbered(0, std::vector<std::uint8_t>{2, 1, 2}));
    add("local_outcome", ALocalAnswer, numbered(1, Outcome{Exit::Refused, "rule", "a sentence"}));
    add("change", AChange, Change{1, {{}, {}}, {{}}, {to_bytes("package")}, {}});
    add("policy", APolicy, Policy{1, ConversationKind::Group, "Cellule"});
    add("slot", ASlot, slot_file());
    add("saved_keys", SomeSavedKeys, saved_keys());
    add("trust",
        TrustLines,
        view_of("# another way in\nrelay 10.0.0.1:7443\nrelay-key " + std::string(64, 'a') + "\n"));

    const auto add_officers = [&seeds](
                                  const std::string& name, std::uint8_t which, const auto& value) {
        seeds.push_back({"officer_decode", name, numbered(which, value)});
    };
    add_officers("found", 0, officer::Command(officer::Found{"Conseil", "relay:7443", "key"}));
    add_officers("invite", 0, officer::Command(officer::Invite{"Zoé", "minister", 3600, {}}));
    add_officers(
        "picture", 0, officer::Command(officer::SetPicture{"Zoé", to_bytes("/tmp/zoe.jpg")}));
    add_officers("invited", 1, officer::Event(officer::Invited{}));
    add_officers("member", 1, officer::Event(officer::MemberShown{}));
    add_officers("approve", 0, officer::Command(officer::Approve{"Zoé", "six words"}));
    add_officers("journal", 0, officer::Command(officer::ShowJournal{}));
    add_officers("request",
                 1,
                 officer::Event(officer::RequestWaiting{{"id", "join", "Zoé", "six words", 1}}));
    officer::JournalEntry entry;
    entry.number = {1};
    entry.act = officer::Act::Invite;
    entry.invitation = protocol::ExchangeId{};
    entry.name = "Zoé";
    add_officers("entry", 2, entry);
    add_officers("signed_entry",
                 3,
                 officer::SignedEntry{codec::encode(entry), {Bytes(64, 1), Bytes(3309, 2)}});
    officer::BackupRest rest;
    officer::BackupRecords& backup = rest.records;
    backup.root = Bytes(300, 1);
    backup.relay = "relay:7443";
    backup.members.push_back({{}, "Zoé", "minister", Bytes(16, 5), {"north"}, Bytes(40, 6)});
    rest.devices.push_back({{}, {}, Bytes(300, 2), {}, {1}, {1}, protocol::Stamp{2}});
    backup.sights.push_back({"north", "south"});
    backup.journal.push_back({codec::encode(entry), {Bytes(64, 1), Bytes(3309, 2)}});
    backup.orders.emplace_back(90, std::uint8_t{3});
    backup.invitations.push_back({{}, "Zoé"});
    add_officers("backup", 4, rest);
    officer::SealedBackup sealed;
    sealed.closed_secrets = Bytes(100, 4);
    sealed.closed_rest = Bytes(100, 5);
    add_officers("sealed_backup", 5, sealed);
    add_officers("backup_secrets", 6, officer::BackupSecrets{Secret(64), Secret(32), Secret(32)});
    seeds.push_back(
        {"officer_decode", "head", numbered(255, view_of("7:" + std::string(64, 'a')))});
}

}  // namespace cercle::fuzz
