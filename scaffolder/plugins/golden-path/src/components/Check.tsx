import { useEntity } from '@backstage/plugin-catalog-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { scmIntegrationsApiRef } from '@backstage/integration-react';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Flex,
  Link,
  Text,
} from '@backstage/ui';
import {
  CheckResult,
  Evidence as Place,
  isOpen,
  standing,
  Waiver as Excuse,
} from '../api/report';
import { evidenceAddress } from '../links';
import { useGuide } from './Guides';
import { StandingLabel } from './StandingLabel';
import styles from './styles.module.css';

/** One check: its verdict, and behind it what proves it, what excuses it, and how to meet it. */
export const Check = ({ check }: { check: CheckResult }) => {
  const { reason, evidence, fix, waiver } = check;
  const guide = useGuide(fix?.docs);
  return (
    <Accordion defaultExpanded={isOpen(check)}>
      <AccordionTrigger>
        <span className={styles.checkTitle}>
          <StandingLabel standing={standing(check)} />{' '}
          <Text as="span" className={styles.text}>
            {check.title}
            {check.level === 'advisory' && ' (advice)'}
          </Text>
        </span>
      </AccordionTrigger>
      <AccordionPanel>
        <Flex direction="column" gap="3" p="3">
          <Text as="p" className={styles.text}>
            {check.summary}
          </Text>
          {reason && reason !== check.summary && (
            <Text as="p" className={styles.text}>
              {check.verdict === 'unknown'
                ? `Unknown because ${reason}`
                : reason}
            </Text>
          )}
          {waiver && <Waiver waiver={waiver} />}
          {evidence.length > 0 && (
            <ul className={styles.list} aria-label={`Evidence of ${check.id}`}>
              {evidence.map((place, index) => (
                <Evidence key={index} place={place} />
              ))}
            </ul>
          )}
          {fix && isOpen(check) && (
            <Text as="p" className={styles.text}>
              <strong>To do ({fix.effort}):</strong> {fix.summary}
            </Text>
          )}
          {guide && <Link {...guide}>How to meet {check.id}</Link>}
        </Flex>
      </AccordionPanel>
    </Accordion>
  );
};

function Evidence({ place }: { place: Place }) {
  const { entity } = useEntity();
  const integrations = useApi(scmIntegrationsApiRef);
  const href = evidenceAddress(entity, place, integrations);
  const name = `${place.path}${place.line ? `:${place.line}` : ''}`;
  return (
    <li>
      <Text as="span">{place.role} </Text>
      {href ? (
        <Link
          href={href}
          target="_blank"
          rel="noopener"
          className={styles.code}
        >
          {name}
        </Link>
      ) : (
        <span className={styles.code}>
          {name}
          {place.source && ` in ${place.source}`}
        </span>
      )}
      {place.text && (
        <Text as="span" className={styles.text}>
          {' '}
          {place.text}
        </Text>
      )}
    </li>
  );
}

function Waiver({ waiver }: { waiver: Excuse }) {
  const { state, approver, requested_by: by, expires, reason, why } = waiver;
  return (
    <Text as="p" className={styles.text}>
      <strong>
        {state === 'granted' ? 'Waived' : `Waiver ${state}`} until {expires}
      </strong>
      {approver ? `, approved by ${approver}` : `, requested by ${by}`}:{' '}
      {reason}
      {why && ` (${why})`}
    </Text>
  );
}
