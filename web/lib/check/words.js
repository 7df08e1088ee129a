// The words of cards, one for each value of a byte. The list never changes: cards in people's hands
// carry these words.

export const WORDS = `
acorn agate album alder almond amber anchor anvil apple apron arch arrow ash aster atlas attic badge
bagel baker balcony bamboo banana banjo barley basin basket bay beacon bean bell bench berry birch
biscuit blanket bonnet book bottle bowl box bramble branch bread brick bridge brook broom brush
bucket button cabin cactus camel candle canoe canvas carpet carrot castle cedar cello chair chalk
cherry chess chimney cinnamon circle citrus clay clock cloud clover coal coast cocoa coin comet
compass copper coral corner cotton cradle crane crayon cricket crystal cup curtain cushion daisy
dawn desk diamond dish dolphin domino donkey door dove drawer drum easel echo elbow elm ember engine
fabric falcon fan feather fence fern ferry fiddle fig finch flute fog forest fork fountain fox frost
garden garlic gate ginger glass globe glove goose granite grape grass guitar hammer hammock harbor
harp hazel heron hill honey hoop hopper horizon ink iris island ivory jacket jasmine jigsaw juniper
kayak kettle kite kiwi ladder lagoon lake lamp lantern laurel leaf lemon lentil lilac lily linen
lizard lotus magnet mango maple marble meadow melon mint mirror mitten moon moss mountain muffin
nectar needle nest nutmeg oak oasis ocean olive onion opal orange orchard otter owl paddle palm
panda paper parsley pasta peach pear pebble pelican pencil pepper piano pillow pine planet plum
pocket pond poplar prism pumpkin quartz quilt rabbit radish rain raven reed ribbon rice river robin
rope rose ruby saddle saffron salt sand sandal scarf seal shell silk sparrow spoon spruce star table
tulip violin walnut willow`.trim().split(/\s+/);
