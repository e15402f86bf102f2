// SPDX-License-Identifier: Apache-2.0
#include "report/markup.h"

#include <gtest/gtest.h>

namespace klass::report {
namespace {

TEST(MarkupText, HoldsNothingThatXmlForbids) {
    EXPECT_EQ(markup_text("a\x1b\x01\tb\r\n\xff"), "a\uFFFD\uFFFD\tb\n\uFFFD");
    EXPECT_EQ(markup_text("\xEF\xBF\xBE\xEF\xBF\xBF"), "\uFFFD\uFFFD");
    EXPECT_EQ(markup_text("\xEF\xBF\xBD caf\u00e9"), "\uFFFD caf\u00e9");
}

TEST(Markup, EscapesTextsAndAttributes) {
    pugi::xml_document document;
    pugi::xml_node node = add(document, "p", {{"title", "\"<&>'"}}, "<b>&amp;</b>");
    add_text(node, "]]>");
    EXPECT_EQ(html_text(node),
              "<p title=\"&quot;&lt;&amp;>'\">&lt;b&gt;&amp;amp;&lt;/b&gt;]]&gt;</p>");
}

TEST(Markup, ClosesEmptyElementsAsHtmlDoes) {
    pugi::xml_document document;
    EXPECT_EQ(html_text(add(document, "td")), "<td></td>");
    EXPECT_NE(xml_text(document).find("<td />"), std::string::npos);
}

}  // namespace
}  // namespace klass::report
