// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a person does in `cercle chat`: keys go in, commands come out.

#include "apps/cli/chat_face.h"

#include "apps/cli/chat_stage.h"

namespace {

using namespace cercle::cli::chat;
namespace client = cercle::client;
using Kind = Key::Kind;

}  // namespace

TEST_CASE("Enter sends to the room, and the message's mark follows what becomes of it") {
    Stage stage;
    furnish(stage);
    stage.type("à 9 h ?");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().to == group);
    CHECK(stage.must_ask<client::Send>().text == "à 9 h ?");
    CHECK_FALSE(stage.shows("> à 9 h ?"));
    auto sent = message(group, 0, self, "à 9 h ?");
    sent.id = "77";
    stage.tell(sent);
    CHECK(stage.lines()[line_with(stage.lines(), "à 9 h ?")].ends_with("…"));
    sent.seq = 2;
    sent.state = "durable";
    stage.tell(sent);
    CHECK(stage.lines()[line_with(stage.lines(), "à 9 h ?")].ends_with("✓"));
    CHECK(std::ranges::count_if(stage.lines(), [](const std::string& line) {
              return line.find("à 9 h ?") != std::string::npos;
          }) == 1);
}

TEST_CASE("what was refused comes back into the composer with its reason") {
    Stage stage;
    furnish(stage);
    stage.type("trop long");
    stage.press(Kind::Enter);
    stage.answer<client::Send>({client::Exit::Refused, "too-large", "the text is too long"});
    CHECK(stage.shows("the text is too long"));
    CHECK(stage.shows("> trop long"));
    // Kept for later is not refused.
    stage.press(Kind::Enter);
    stage.answer<client::Send>({client::Exit::Queued, "unreachable", "kept"});
    CHECK_FALSE(stage.shows("> trop long"));
}

TEST_CASE("a pasted text of several lines is not sent by itself") {
    Stage stage;
    furnish(stage);
    stage.type("un\ndeux\ntrois\n");
    CHECK(stage.asked<client::Send>() == nullptr);
    CHECK(stage.shows("> un"));
    stage.press(Kind::Enter);
    // The line end at its end is nobody's wish.
    CHECK(stage.must_ask<client::Send>().text == "un\ndeux\ntrois");
}

TEST_CASE("a paste that no message could hold is refused before anything of it is lost") {
    Stage stage;
    furnish(stage);
    stage.type("avant ");
    stage.type(std::string(70'000, 'y'));
    CHECK(stage.shows("/file sends more"));
    CHECK(stage.shows("> avant"));
    CHECK_FALSE(stage.shows("yyy"));
}

TEST_CASE("another line is asked for by Alt-Enter or a backslash, and blanks alone are not sent") {
    Stage stage;
    furnish(stage);
    stage.type("un");
    stage.press(Kind::NewLine);
    stage.type("deux\\");
    stage.press(Kind::Enter);
    CHECK(stage.asked<client::Send>() == nullptr);
    stage.type("trois");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().text == "un\ndeux\ntrois");
    stage.look_away();
    stage.type("  \n ");
    stage.press(Kind::Enter);
    CHECK(stage.asked<client::Send>() == nullptr);
}

TEST_CASE("a message is chosen upwards and answered, and the answer shows what it answers to") {
    Stage stage;
    furnish(stage);
    stage.tell(message(group, 2, bertrand, "qui vient ?"));
    stage.tell(message(group, 0, self, "pas encore parti"));
    stage.press(Kind::Up);  // what has no place yet is passed over
    stage.press(Kind::Up);
    stage.press(Kind::Down);
    stage.press(Kind::Enter);
    CHECK(stage.shows("answering Bertrand: qui vient ?"));
    stage.type("moi");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().reply == "2");
    CHECK_FALSE(stage.shows("answering"));
    auto sent = message(group, 3, self, "moi");
    sent.reply_to = client::Quoted{"2", bertrand, "Bertrand", "qui vient ?"};
    stage.tell(sent);
    CHECK(stage.shows("│ Bertrand: qui vient ?"));
    sent = message(group, 4, alice, "aussi");
    sent.reply_to = client::Quoted{"ff", "", "", ""};
    stage.tell(sent);
    CHECK(stage.shows("answers something that is not on this device"));
    // Escape lets an answer be a message of its own.
    stage.press(Kind::Answer);
    stage.press(Kind::Enter);
    stage.press(Kind::Escape);
    stage.type("x");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().reply.empty());
}

TEST_CASE("one's own earlier texts come back, and then what one was writing") {
    Stage stage;
    furnish(stage);
    stage.tell(message(group, 2, self, "premier"));
    stage.tell(message(group, 3, self, "second"));
    stage.type("nouveau");
    stage.press(Kind::EarlierText);
    CHECK(stage.shows("> second"));
    stage.press(Kind::EarlierText);
    stage.press(Kind::EarlierText);
    CHECK(stage.shows("> premier"));
    stage.press(Kind::LaterText);
    stage.press(Kind::LaterText);
    CHECK(stage.shows("> nouveau"));
}

TEST_CASE("a draft is kept when one leaves its room or ends, and is there again later") {
    Stage stage;
    furnish(stage);
    stage.type("à moitié");
    stage.press(Kind::NextRoom);
    CHECK(stage.must_ask<client::KeepDraft>().to == group);
    CHECK(stage.must_ask<client::KeepDraft>().text == "à moitié");
    CHECK(stage.shows("draft: à moitié"));
    stage.look_away();
    stage.type("autre");
    stage.press(Kind::Quit);
    REQUIRE(stage.face.ended().has_value());
    CHECK(stage.face.ended()->exit == client::Exit::Done);
    bool left = false;
    stage.face.leave([&left] { left = true; });
    CHECK_FALSE(left);
    CHECK(stage.must_ask<client::KeepDraft>().to == direct);
    stage.answer<client::KeepDraft>();
    CHECK(left);

    Stage later;
    later.tell(client::Draft{group, "à moitié"});
    furnish(later);
    CHECK(later.shows("> à moitié"));
    later.press(Kind::Enter);
    CHECK(later.must_ask<client::Send>().text == "à moitié");
    // The draft goes when the message is in the vault, and not before.
    CHECK(later.asked<client::KeepDraft>() == nullptr);
    later.answer<client::Send>({client::Exit::Queued, {}, {}});
    CHECK(later.must_ask<client::KeepDraft>().text.empty());
}

TEST_CASE("who is written to for the first time becomes a conversation where one is") {
    Stage stage;
    furnish(stage);
    stage.type("/to Al");
    stage.press(Kind::Enter);
    CHECK(stage.shows("write to Alice"));
    stage.type("bonjour");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().to == alice);
    const std::string begun(32, 'e');
    stage.tell(conversation(begun, "Alice", 20, alice));
    CHECK(stage.must_ask<client::Read>().of == begun);
    stage.answer<client::Read>({}, {message(begun, 1, self, "bonjour")});
    CHECK(stage.shows("bonjour"));
    CHECK_FALSE(stage.shows("People"));
    stage.type("encore");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().to == begun);
}

TEST_CASE("help is shown until a key is pressed, and what is no command is told") {
    Stage stage;
    furnish(stage);
    stage.type("/help");
    stage.press(Kind::Enter);
    CHECK(stage.shows("Shift-Tab"));
    stage.press(Kind::Escape);
    CHECK_FALSE(stage.shows("Shift-Tab"));
    stage.type("/nonsense");
    stage.press(Kind::Enter);
    CHECK(stage.shows("there is no /nonsense"));
    CHECK(stage.asked<client::Send>() == nullptr);
    stage.press(Kind::EraseLine);
    stage.type("//etc/hosts");
    stage.press(Kind::Enter);
    CHECK(stage.must_ask<client::Send>().text == "/etc/hosts");
    stage.type("/quit");
    stage.press(Kind::Enter);
    CHECK(stage.face.ended().has_value());
}

TEST_CASE("a watch that ends by itself ends the face with its reason") {
    Stage stage;
    stage.submitted.front().on_done({client::Exit::Refused, "home-missing", "no device"});
    REQUIRE(stage.face.ended().has_value());
    CHECK(stage.face.ended()->rule == "home-missing");
}
