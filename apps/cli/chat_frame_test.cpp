// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a person sees in `cercle chat`: events go in, frames come out.

#include "apps/cli/chat_face.h"
#include "apps/cli/chat_stage.h"

namespace {

using namespace cercle::cli::chat;
namespace client = cercle::client;
using Kind = Key::Kind;

}  // namespace

TEST_CASE("the room where something happened last is on top and opened first") {
    Stage stage;
    furnish(stage);
    const auto lines = stage.lines();
    CHECK(line_with(lines, " Cellule") < line_with(lines, " Bertrand"));
    CHECK(line_with(lines, "People") < line_with(lines, " Alice"));
    CHECK(stage.shows("bonjour à tous"));
    stage.tell(conversation(direct, "Bertrand", 12, bertrand));
    CHECK(line_with(stage.lines(), " Bertrand") < line_with(stage.lines(), " Cellule"));
    CHECK(stage.shows("bonjour à tous"));  // what one reads stays where it is
}

TEST_CASE("unread messages are counted in the list, and read when they are looked at") {
    Stage stage;
    furnish(stage);
    auto shown = conversation(direct, "Bertrand", 12, bertrand);
    shown.unread = 3;
    shown.read_to = 4;
    shown.last = client::LastSaid{bertrand, "Bertrand", "tu es là ?", {}, noon};
    stage.tell(shown);
    CHECK(stage.lines()[2].find(" 3 ") != std::string::npos);
    CHECK(stage.shows("tu es là ?"));
    stage.look_away();
    stage.press(Kind::PreviousRoom);
    CHECK(stage.must_ask<client::Read>().of == direct);
    CHECK(stage.asked<client::MarkRead>() == nullptr);  // nothing of it has been seen yet
    stage.answer<client::Read>({},
                               {message(direct, 3, bertrand, "ancien"),
                                message(direct, 5, bertrand, "nouveau"),
                                message(direct, 6, bertrand, "tu es là ?")});
    const auto lines = stage.lines();
    const auto line = line_with(lines, "─ new ─");
    CHECK(line > line_with(lines, "ancien"));
    CHECK(line < line_with(lines, "nouveau"));
    CHECK(stage.must_ask<client::MarkRead>().conversation == direct);
    CHECK(stage.must_ask<client::MarkRead>().seq == 6);
}

TEST_CASE(
    "a room with more news than fit is opened where they begin, and read when they were seen") {
    Stage stage;
    furnish(stage);
    auto shown = conversation(direct, "Bertrand", 12, bertrand);
    shown.unread = 40;
    shown.read_to = 10;
    stage.tell(shown);
    stage.press(Kind::NextUnread);
    std::vector<client::Event> messages;
    for (std::uint64_t seq = 1; seq <= 50; ++seq)
        messages.push_back(message(direct, seq, bertrand, "numéro " + std::to_string(seq) + "."));
    stage.answer<client::Read>({}, messages);
    CHECK(stage.shows("─ new ─"));
    CHECK(stage.shows("numéro 11."));
    CHECK_FALSE(stage.shows("numéro 50."));
    CHECK(stage.shows("more below"));
    CHECK(stage.asked<client::MarkRead>() == nullptr);
    for (int page = 0; page < 4; ++page) {
        stage.press(Kind::PageDown);
        static_cast<void>(stage.lines());
    }
    CHECK(stage.shows("numéro 50."));
    CHECK(stage.must_ask<client::MarkRead>().seq == 50);
}

TEST_CASE("what comes while nobody has pressed a key for long is kept new, from its beginning") {
    Stage stage;
    furnish(stage);
    stage.press(Kind::Escape);
    static_cast<void>(stage.lines());
    stage.tell(message(group, 2, alice, "on se voit"));
    static_cast<void>(stage.lines());
    CHECK(stage.must_ask<client::MarkRead>().seq == 2);
    CHECK_FALSE(stage.shows("─ new ─"));
    stage.look_away();
    stage.now += hour;
    for (std::uint64_t seq = 3; seq < 60; ++seq) {
        stage.tell(message(group, seq, alice, "numéro " + std::to_string(seq) + "."));
        static_cast<void>(stage.lines());
    }
    CHECK(stage.shows("─ new ─"));
    CHECK(stage.shows("numéro 3."));
    CHECK(stage.shows("new below"));
    CHECK(stage.asked<client::MarkRead>() == nullptr);
    for (int page = 0; page < 5; ++page) {
        stage.press(Kind::PageDown);
        static_cast<void>(stage.lines());
    }
    CHECK(stage.must_ask<client::MarkRead>().seq == 59);
}

TEST_CASE("what comes right after the start is new, since nobody has looked yet") {
    Stage stage;
    furnish(stage);
    for (std::uint64_t seq = 2; seq < 60; ++seq)
        stage.tell(message(group, seq, alice, "numéro " + std::to_string(seq) + "."));
    CHECK(stage.shows("─ new ─"));
    CHECK(stage.asked<client::MarkRead>() == nullptr);
}

TEST_CASE("one key goes to the room with something new") {
    Stage stage;
    furnish(stage);
    stage.press(Kind::NextUnread);
    CHECK(stage.shows("nothing new elsewhere"));
    CHECK(stage.shows("write to Cellule"));
    auto shown = conversation(direct, "Bertrand", 5, bertrand);
    shown.unread = 1;
    stage.tell(shown);
    CHECK(stage.lines().back().find("Ctrl-N unread") != std::string::npos);
    stage.press(Kind::NextUnread);
    CHECK(stage.shows("write to Bertrand"));
    stage.press(Kind::NextRoom);  // to Alice, with whom there is no conversation
    CHECK(stage.shows("nothing said here yet"));
}

TEST_CASE("help fits on a low and narrow screen") {
    Stage stage;
    furnish(stage);
    stage.type("/help");
    stage.press(Kind::Enter);
    CHECK(stage.shows("any key goes back", {50, 20}));
    CHECK(stage.picture({50, 20}).find("…") == std::string::npos);
}

TEST_CASE("what comes while one looks further up neither moves the picture nor counts as read") {
    Stage stage;
    furnish(stage);
    for (std::uint64_t seq = 2; seq < 60; ++seq)
        stage.tell(message(group, seq, alice, "numéro " + std::to_string(seq)));
    static_cast<void>(stage.lines());
    stage.press(Kind::PageUp);
    static_cast<void>(stage.lines());
    stage.press(Kind::PageUp);
    const auto before = stage.lines();
    stage.look_away();
    stage.tell(message(group, 60, alice, "plus récent"));
    const auto after = stage.lines();
    CHECK(before[5] == after[5]);
    CHECK(before[10] == after[10]);
    CHECK(stage.shows("new below"));
    CHECK(stage.asked<client::MarkRead>() == nullptr);
    stage.press(Kind::PageDown);
    static_cast<void>(stage.lines());
    stage.press(Kind::PageDown);
    static_cast<void>(stage.lines());
    stage.press(Kind::PageDown);
    CHECK(stage.shows("plus récent"));
    CHECK(stage.must_ask<client::MarkRead>().seq == 60);
}

TEST_CASE("at the top of what is there, what lies before it is asked for, once") {
    Stage stage;
    furnish(stage);
    auto many = std::vector<client::Event>{};
    for (std::uint64_t seq = 301; seq <= 500; ++seq)
        many.emplace_back(message(direct, seq, bertrand, std::to_string(seq)));
    stage.press(Kind::NextRoom);
    stage.answer<client::Read>({}, many);
    stage.look_away();
    for (int press = 0; press < 40; ++press) {
        stage.press(Kind::PageUp);
        static_cast<void>(stage.lines());
    }
    CHECK(stage.must_ask<client::Read>().before == 301);
    CHECK(stage.submitted.size() > 1);
    stage.answer<client::Read>({}, {message(direct, 300, bertrand, "le premier")});
    stage.look_away();
    for (int press = 0; press < 3; ++press) {
        stage.press(Kind::PageUp);
        static_cast<void>(stage.lines());
    }
    CHECK(stage.shows("le premier"));
    CHECK(stage.asked<client::Read>() == nullptr);
}

TEST_CASE("a held message says why and what to do, and /release lets it go") {
    Stage stage;
    furnish(stage);
    auto held = message(group, 0, self, "pour vous seuls");
    held.id = "88";
    held.state = "held";
    stage.tell(held);
    CHECK(stage.shows("held: somebody came in"));
    stage.type("/release");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::ReleaseMessage>().id == "88");
}

TEST_CASE("days, comings and goings, and gaps are told plainly") {
    Stage stage;
    furnish(stage);
    stage.tell(message(group, 2, alice, "hier", noon - day));
    stage.tell(message(group, 3, alice, "avant", noon - 10 * day));
    client::Membership member;
    member.conversation = group;
    member.member = bertrand;
    member.name = "Bertrand";
    member.action = "added";
    member.by = self;
    member.seq = 4;
    member.at = noon;
    stage.tell(member);
    stage.tell(client::Gap{group, 4, 6, "message-withheld", alice, "Alice", 6, noon});
    CHECK(stage.shows("─ Yesterday ─"));
    CHECK(stage.shows("─ Today ─"));
    CHECK(stage.shows(" 2024 ─"));
    CHECK(stage.shows("Bertrand was added by you"));
    CHECK(stage.shows("Alice: something written before this is missing"));
}

TEST_CASE("offline and what waits are said in the status line") {
    Stage stage;
    furnish(stage);
    CHECK(stage.lines().back().starts_with(" online"));
    client::Status status;
    status.member = self;
    status.queued = 2;
    stage.tell(status);
    CHECK(stage.lines().back().starts_with(" offline  2 waiting"));
}

TEST_CASE("a narrow screen shows the conversation, and the list when it is asked for") {
    Stage stage;
    furnish(stage);
    const Size narrow{50, 20};
    CHECK(stage.shows("bonjour à tous", narrow));
    CHECK_FALSE(stage.shows("People", narrow));
    auto shown = conversation(direct, "Bertrand", 12, bertrand);
    shown.unread = 3;
    stage.tell(shown);
    CHECK(stage.shows("3 elsewhere", narrow));
    stage.press(Kind::Escape);
    CHECK(stage.shows("People", narrow));
    CHECK_FALSE(stage.shows("bonjour à tous", narrow));
    stage.press(Kind::Up);
    stage.press(Kind::Enter);
    CHECK(stage.shows("write to Bertrand", narrow));
    CHECK(stage.shows("People"));  // a wide one has room for both
}

TEST_CASE("every size of screen is filled exactly, with the cursor on it") {
    Stage stage;
    furnish(stage);
    stage.tell(message(
        group,
        2,
        alice,
        "Réunion 你好 👩‍🚀👍🏽🇫🇷 اجتماع غدا et la suite\n\nfin"));
    stage.tell(message(group, 3, bertrand, std::string(300, 'x')));
    stage.type("un texte assez long pour plusieurs lignes 你好 et encore\net encore");
    for (int columns = 1; columns <= 130; columns += 3) {
        for (int rows = 1; rows <= 40; rows += 3) {
            INFO(columns << " x " << rows);
            const Frame frame = stage.face.draw({columns, rows}, noon);
            REQUIRE(frame.rows.size() == static_cast<std::size_t>(rows));
            for (const Row& row : frame.rows)
                CHECK(columns_of(row) == columns);
            if (!frame.cursor) continue;
            CHECK((frame.cursor->column >= 0 && frame.cursor->column < columns));
            CHECK((frame.cursor->row >= 0 && frame.cursor->row < rows));
        }
    }
}

TEST_CASE("attack: names and texts of others do nothing on the screen but be read") {
    Stage stage;
    furnish(stage);
    const std::string evil = "\x1b[2J\x1b]0;t\x07\x1b]52;c;AAAA\x07\u009b1m\u202e\r\b";
    auto bad = message(group, 2, alice, evil + "\nOfficer  12:00\n  obey");
    bad.sender_name = "A" + evil;
    bad.reply_to = client::Quoted{"1", bertrand, "B" + evil, evil};
    bad.attachment = client::AttachmentShown{"F" + evil, 1, "00"};
    stage.tell(bad);
    bad.id = "9";
    bad.text.clear();
    bad.reply_to = client::Quoted{"1", bertrand, "B" + evil, "", evil};
    stage.tell(bad);
    auto own = message(group, 0, self, "");
    own.id = "77";
    own.attachment = bad.attachment;
    stage.tell(own);
    stage.tell(client::FileProgress{client::FileProgress::Act::Sending, 0, 1, "77", evil});
    auto shown = conversation(direct, "G" + evil, 30, bertrand);
    shown.last = client::LastSaid{bertrand, "B" + evil, evil, {}, noon};
    stage.tell(shown);
    stage.tell(client::Contact{std::string(32, '9'), "N" + evil, "R" + evil});
    client::Membership member;
    member.conversation = group;
    member.name = evil;
    member.by_name = evil;
    member.action = "added";
    member.seq = 3;
    stage.tell(member);
    stage.tell(client::Gap{group, 4, 6, evil, alice, evil, 6, noon});
    stage.tell(client::Notice{evil});
    for (const Size size : {Size{120, 35}, Size{80, 24}, Size{50, 20}}) {
        for (const std::string& line : stage.lines(size)) {
            for (std::size_t at = 0; at < line.size(); ++at) {
                const auto byte = static_cast<unsigned char>(line[at]);
                CHECK((byte >= 0x20 && byte != 0x7f));
                const bool c1 = byte == 0xc2 && static_cast<unsigned char>(line[at + 1]) < 0xa0;
                CHECK_FALSE(c1);
            }
            CHECK(line.find("\u202e") == std::string::npos);
        }
    }
    // Nor does a line of a message stand where a name stands.
    const auto lines = stage.lines({120, 35});
    CHECK(lines[line_with(lines, "Officer  12:00")].find("│  Officer") != std::string::npos);
}

TEST_CASE("people of the same name are told apart") {
    Stage stage;
    furnish(stage);
    stage.tell(client::Contact{std::string(32, '1'), "Jean", ""});
    stage.tell(client::Contact{std::string(32, '2'), "Jean", ""});
    CHECK(stage.shows("Jean 1111"));
    CHECK(stage.shows("Jean 2222"));
    stage.type("/to Jean");
    stage.press(Kind::Enter);
    CHECK(stage.shows("more than one"));
}
