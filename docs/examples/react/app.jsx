/** Likes and viewers of a video in React: `npm install likestream-client react react-dom`. */

import { connect } from 'likestream-client';
import { useLikestream } from 'likestream-client/react';
import { createRoot } from 'react-dom/client';

const url = new URLSearchParams(location.search).get('server') ?? 'http://localhost:8080';
const live = connect({ url });

function Likes({ video }) {
  const { like, total, viewers } = useLikestream(live, `video:${video}`);
  return (
    <p>
      <button id="like" type="button" onClick={() => like()}>
        ♥ <span id="total">{total}</span>
      </button>
      <span id="viewers">{viewers}</span> watching
    </p>
  );
}

createRoot(document.getElementById('root')).render(<Likes video="42" />);
