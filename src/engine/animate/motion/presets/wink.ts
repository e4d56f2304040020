/** One eye shuts for a moment, the cheek under it rises, the mouth draws up on that side, the head tips. */
import { move, type Preset } from '../phrase.ts';

export const wink: Preset = {
  seconds: 4,
  phrase: ({ random, side }) => {
    const [winks, other] = side < 0 ? (['Right', 'Left'] as const) : (['Left', 'Right'] as const);
    const at = 1.35;
    return {
      gestures: [
        move(`eyeBlink${winks}`, 1, [at, at + 0.52], { rise: 0.13, fall: 0.2 }),
        // The other lid comes along a little, whether one wants it or not.
        move(`eyeBlink${other}`, 0.12, [at, at + 0.5], { rise: 0.13, fall: 0.22 }),
        move(`eyeSquint${winks}`, 0.7, [at - 0.05, at + 0.75], { rise: 0.18, fall: 0.35 }),
        move(`cheekSquint${winks}`, 0.75, [at - 0.05, at + 0.8], { rise: 0.18, fall: 0.4 }),
        move(`browDown${winks}`, 0.3, [at - 0.05, at + 0.7], { rise: 0.18, fall: 0.35 }),
        move(`browOuterUp${other}`, 0.25, [at - 0.05, at + 0.9], { rise: 0.2, fall: 0.45 }),
        move(`mouthSmile${winks}`, 0.7, [at - 0.35, at + 1.7], { rise: 0.45, fall: 0.9 }),
        move(`mouthSmile${other}`, 0.4, [at - 0.3, at + 1.6], { rise: 0.45, fall: 0.9 }),
        // The subject's left is on the viewer's right: the head tips towards the eye that winks.
        move('roll', 4 * side, [at - 0.3, at + 1.3], { rise: 0.45, fall: 0.8, curve: 'lively' }),
        move('yaw', -2 * side, [at - 0.3, at + 1.4], { rise: 0.5, fall: 0.8 }),
        move('pitch', -1.2, [at - 0.1, at + 0.7], { rise: 0.25, fall: 0.5 }),
      ],
      blinks: [2.9 + 0.2 * random(), 0.5],
      open: [[at - 0.2, at + 0.9]],
    };
  },
};
